"""Holds every answer of the management port against the OpenAPI document that it serves."""

import json
import re

import jsonschema


class OpenApi:
    def __init__(self, document):
        self.document = document
        self.routes = []
        for path, methods in document["paths"].items():
            pattern = re.compile("^" + re.sub(r"\{[^}]+\}", "[^/]+", path) + "$")
            self.routes.append((path, pattern, methods))
        # What stands as it is goes before what has a part in braces.
        self.routes.sort(key=lambda route: "{" in route[0])

    def check_itself(self):
        """Every schema is one of JSON Schema 2020-12, every reference leads somewhere, and every
        operation has a name of its own."""
        names = []
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                names.append(operation["operationId"])
                for schema in self._schemas(operation):
                    jsonschema.Draft202012Validator.check_schema(schema)
                in_path = set(re.findall(r"\{([^}]+)\}", path))
                told = {entry["name"] for entry in operation.get("parameters", [])
                        if entry["in"] == "path"}
                assert in_path == told, (method, path)
        assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)
        schemas = self.document["components"]["schemas"]
        for schema in schemas.values():
            jsonschema.Draft202012Validator.check_schema(schema)
        for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(self.document)):
            assert name in schemas, name

    @staticmethod
    def _schemas(operation):
        contents = [response.get("content", {}) for response in operation["responses"].values()]
        contents.append(operation.get("requestBody", {}).get("content", {}))
        return [entry["schema"] for content in contents for entry in content.values()]

    def operation(self, method, path):
        path = path.split("?")[0]
        for _, pattern, methods in self.routes:
            if pattern.match(path) and method.lower() in methods:
                return methods[method.lower()]
        return None

    def check(self, answer):
        """AssertionError when the document does not promise this answer."""
        operation = self.operation(answer.method, answer.path)
        if operation is None:
            assert answer.status in (401, 404, 405, 429), answer
            return
        promised = operation["responses"].get(str(answer.status))
        assert promised is not None, f"{answer.method} {answer.path}: {answer.status} is not told"
        contents = promised.get("content", {})
        if not contents:
            assert not answer.body, answer
            return
        kind = answer.headers.get("Content-Type", "").split(";")[0]
        assert kind in {name.split(";")[0] for name in contents}, f"{answer.method} {answer.path}: {kind} is not told"
        if kind == "application/json":
            schema = {**contents[kind]["schema"], "components": self.document["components"]}
            jsonschema.Draft202012Validator(schema).validate(answer.json)
