"""JSON Schemas of the documents, generated from the models, for editors."""
