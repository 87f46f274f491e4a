#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Says what in the JSON on standard input is not as a schema's definition has it.

usage: schema.py SCHEMA DEFINITION

Several values are checked one by one. The schema allows its users to meet names that
it does not have; here these are wrong, as somebody forgot to describe them.
"""
import json
import sys

import jsonschema


def closed(schema):
    """The same without names that are not described."""
    if isinstance(schema, list):
        return [closed(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    out = {name: closed(value) for name, value in schema.items()}
    if isinstance(out.get("properties"), dict) and "additionalProperties" not in out:
        out["additionalProperties"] = False
    return out


def values(text):
    decoder = json.JSONDecoder()
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        yield value
        text = text[end:]


def main(path, definition):
    with open(path, encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    if definition not in schema["$defs"]:
        sys.exit(f"schema.py: {path} has no {definition}")
    wanted = {"$defs": closed(schema["$defs"]), "$ref": f"#/$defs/{definition}"}
    validator = jsonschema.Draft202012Validator(wanted)
    checked = wrong = 0
    for value in values(sys.stdin.read()):
        checked += 1
        for error in validator.iter_errors(value):
            print(f"{definition}: {error.json_path}: {error.message}")
            wrong += 1
    if not checked:
        print(f"{definition}: nothing to check")
    return 1 if wrong or not checked else 0


sys.exit(main(*sys.argv[1:]))
