#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the C++ source that holds docs/openapi.yaml, as it is and as JSON: embed_openapi.py YAML CPP"""
import json
import re
import sys

try:
    import yaml
except ImportError:
    sys.exit("docs/openapi.yaml can't be turned into JSON: install python3-yaml, as packaging/dependencies.txt says.")


class Loader(yaml.SafeLoader):
    """YAML 1.2 as JSON knows it: times stay texts, and only true and false are booleans."""


Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0].rpartition(":")[2] not in ("timestamp", "bool")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def function(name: str, content: bytes) -> str:
    # As numbers: no compiler limits how long an array may be, as some do with literals.
    numbers = ",".join(str(byte if byte < 128 else byte - 256) for byte in content)
    return (
        f"constexpr char {name}Bytes[] = {{{numbers}}};\n"
        f"std::string_view {name}() noexcept\n{{\n    return {{{name}Bytes, sizeof {name}Bytes}};\n}}\n"
    )


def main(source: str, target: str) -> None:
    with open(source, "rb") as file:
        text = file.read()
    try:
        document = yaml.load(text, Loader)
    except yaml.YAMLError as error:
        sys.exit(f"{source} is not YAML: {error}")
    document = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    with open(target, "w", encoding="utf-8") as file:
        file.write('#include "daemon/api/openapi.h"\n\nnamespace gantry::api {\n\n')
        file.write(function("openApiJson", document) + "\n" + function("openApiYaml", text))
        file.write("\n} // namespace gantry::api\n")


main(*sys.argv[1:])
