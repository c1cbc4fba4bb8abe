"""OpenAPI: the documents that tell clients which paths there are, and what the objects are made of.

They are made from the tables of resources and of schemas when they are first asked for.
"""
