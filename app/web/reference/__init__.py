"""The API as it is described: by the OpenAPI document to programs, by the page /api to people."""
