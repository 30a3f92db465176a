"""Reads tasks from standard input, one JSON object per line, and answers each with one line: what its own reader finds wrong, and counts."""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree

import jsonschema
import junitparser


def schema_errors(schema, instance):
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    errors = validator(schema).iter_errors(instance)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in errors][:10]


def sarif(task):
    with open(task["schema"], encoding="utf-8") as file:
        schema = json.load(file)
    log = json.loads(task["text"])
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    wrong = schema_errors(schema, log)
    for result in run["results"]:
        if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
            wrong.append(f"{result['ruleId']} has the index of another rule")
        for location in result.get("locations", []):
            artifact = location.get("physicalLocation", {}).get("artifactLocation", {})
            if not artifact.get("uri"):
                wrong.append(f"{result['ruleId']} is nowhere")
    return wrong, {
        "results": len(run["results"]),
        "suppressed": sum("suppressions" in result for result in run["results"]),
        "fixes": sum("fixes" in result for result in run["results"]),
        "rules": [rule["id"] for rule in rules],
        "uris": sorted({result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]}),
    }


def published(task):
    with open(task["schema"], encoding="utf-8") as file:
        schema = json.load(file)
    report = json.loads(task["text"])
    return schema_errors(schema, report), {"findings": len(report["findings"]), "documents": len(report["documents"])}


def junit(task):
    read = junitparser.JUnitXml.fromstring(task["text"].encode())
    counts = {"tests": 0, "failures": 0, "skipped": 0, "suites": 0}
    wrong = []
    for suite in read:
        counts["suites"] += 1
        names = [(case.classname, case.name) for case in suite]
        if len(set(names)) != len(names):
            wrong.append(f"{suite.name} has two cases of one name")
        for case in suite:
            counts["tests"] += 1
            results = case.result
            counts["failures"] += sum(isinstance(result, junitparser.Failure) for result in results)
            counts["skipped"] += sum(isinstance(result, junitparser.Skipped) for result in results)
        told = (suite.tests, suite.failures, suite.skipped)
        suite.update_statistics()
        if told != (suite.tests, suite.failures, suite.skipped):
            wrong.append(f"{suite.name} says {told}, and has {(suite.tests, suite.failures, suite.skipped)}")
    return wrong, counts


def checkstyle(task):
    root = ElementTree.fromstring(task["text"].encode())
    errors = root.findall("file/error")
    wrong = [ElementTree.tostring(error).decode() for error in errors if set(error.attrib) != {"line", "column", "severity", "message", "source"}]
    return wrong, {"errors": len(errors)}


# The fields that GitLab requires, by its documentation.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^./]"},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


def gitlab(task):
    issues = json.loads(task["text"])
    wrong = schema_errors(GITLAB, issues)
    if len({issue["fingerprint"] for issue in issues}) != len(issues):
        wrong.append("two issues have one fingerprint")
    return wrong, {"issues": len(issues)}


COMMAND = re.compile(r"^::(error|warning|notice) ((?:[a-zA-Z]+=[^:,]*)(?:,[a-zA-Z]+=[^:,]*)*)::(.+)$")


def github(task):
    lines = task["text"].split("\n")[:-1]
    matches = [COMMAND.match(line) for line in lines]
    wrong = [line for line, match in zip(lines, matches) if match is None]
    levels = [match[1] for match in matches if match and "file=" in match[2]]
    if levels != sorted(levels, key=["error", "warning", "notice"].index):
        wrong.append("errors do not come first")
    return wrong, {"findings": len(levels)}


READERS = {"sarif": sarif, "json": published, "junit": junit, "checkstyle": checkstyle, "gitlab": gitlab, "github": github}
for line in sys.stdin:
    task = json.loads(line)
    wrong, facts = READERS[task["format"]](task)
    print(json.dumps({"wrong": wrong, "facts": facts}))
