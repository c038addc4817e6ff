"""What tests share: servers, stand-ins, pictures, sessions."""
