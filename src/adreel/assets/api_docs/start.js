// validatorUrl: otherwise a badge is loaded from another server.
SwaggerUIBundle({ url: "/api/openapi.json", dom_id: "#docs", deepLinking: true, docExpansion: "list", validatorUrl: null });
