"""What an evaluation says, and how: figures, tables and curves, to terminal, JSON, MLflow, HTML."""
