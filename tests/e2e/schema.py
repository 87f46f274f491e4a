#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""Says what in files of JSON is not as a schema's definition has it.

usage: schema.py SCHEMA FILE…

A file is named for the definition that it is to be held against; what comes behind a
dot in its name does not count. Several values in one are checked one by one. The
schema allows its users to meet names that it does not have; here these are wrong, as
somebody forgot to describe them.
"""
import json
import os
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


def check(schema, definition, text):
    """Return: how much is wrong with it."""
    validator = jsonschema.Draft202012Validator({"$defs": schema, "$ref": f"#/$defs/{definition}"})
    checked = wrong = 0
    for value in values(text):
        checked += 1
        for error in validator.iter_errors(value):
            print(f"{definition}: {error.json_path}: {error.message}")
            wrong += 1
    if not checked:
        print(f"{definition}: nothing to check")
    return wrong or not checked


def main(path, *files):
    with open(path, encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    definitions = closed(schema["$defs"])
    wrong = 0
    for file in files:
        definition = os.path.basename(file).split(".")[0]
        if definition not in definitions:
            print(f"{path} has no {definition}")
            wrong += 1
            continue
        with open(file, encoding="utf-8") as f:
            wrong += check(definitions, definition, f.read())
    return 1 if wrong or not files else 0


sys.exit(main(*sys.argv[1:]))
