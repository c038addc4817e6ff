"""Tables, engine, migrations, locks and notifications."""
