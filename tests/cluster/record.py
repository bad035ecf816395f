# SPDX-License-Identifier: Apache-2.0
"""Creates objects on an API server and keeps the server's list answers; for record-failures.

A manifest is multi-document YAML. `@-5m@` becomes the instant five minutes before the recording,
`@uid Kind name@` the uid the server gave to an object created before. A status is written through
the subresource, `record/delete: "true"` among the annotations deletes the object once it is there.
"""
import datetime
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import urllib.request

KUBECTL, WORK, SERVER, TOKEN, SOURCE, TARGET, *NAMES = sys.argv[1:]
META = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
RESOURCES = [("api/v1", r) for r in ("secrets", "services", "pods", "events")]
RESOURCES += [("apis/cert-manager.io/v1", r)
              for r in ("certificates", "certificaterequests", "issuers", "clusterissuers")]
RESOURCES += [("apis/acme.cert-manager.io/v1", r) for r in ("orders", "challenges")]
RESOURCES += [("apis/networking.istio.io/v1", "gateways")]
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def kubectl(*args, text=None):
    command = [KUBECTL, "--kubeconfig", WORK + "/admin.conf", *args]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit("%s: %s\n%s" % (" ".join(args), done.stderr, text))
    return done.stdout


def get(path, accept="application/json"):
    request = urllib.request.Request(
        SERVER + "/" + path, headers={"Authorization": "Bearer " + TOKEN, "Accept": accept})
    context = ssl.create_default_context(cafile=WORK + "/ca.crt")
    with urllib.request.urlopen(request, context=context) as answer:
        return answer.read()


def stamp(now, sign, count, unit):
    seconds = int(count) * UNITS[unit] * (-1 if sign == "-" else 1)
    return (now + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def create(text, now, uids):
    text = re.sub(r"@([-+])(\d+)([smhd])@", lambda m: stamp(now, *m.groups()), text)
    text = re.sub(r"@uid (\S+) (\S+)@", lambda m: uids[m.group(1), m.group(2)], text)
    wanted = json.loads(kubectl("create", "--dry-run=client", "-o", "json", "-f", "-", text=text))
    made = json.loads(kubectl("create", "-o", "json", "-f", "-", text=text))
    meta = made["metadata"]
    uids[made["kind"], meta["name"]] = meta["uid"]
    kind = made["kind"].lower() + ("." + made["apiVersion"] if "/" in made["apiVersion"] else "")
    kind = re.sub(r"^([^.]+)\.([^/]+)/(.+)$", r"\1.\3.\2", kind)
    target = [kind, meta["name"]] + (["-n", meta["namespace"]] if "namespace" in meta else [])
    if wanted.get("status") and made["kind"] != "Event":
        kubectl("patch", *target, "--subresource=status", "--type=merge", "-p",
                json.dumps({"status": wanted["status"]}))
    return (["delete", *target, "--wait=false"]
            if "record/delete" in meta.get("annotations", {}) else None), target


def record(name):
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    with open("%s/%s.yaml" % (SOURCE, name), encoding="utf-8") as file:
        documents = [d for d in re.split(r"(?m)^---\n", file.read())
                     if re.search(r"(?m)^kind:", d)]
    uids, deletions, targets = {}, [], []
    for document in documents:
        deletion, target = create(document, now, uids)
        targets.append(target)
        if deletion:
            deletions.append(deletion)
    for deletion in deletions:
        kubectl(*deletion)
    folder = "%s/%s" % (TARGET, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for group, resource in RESOURCES:
        answer = get(group + "/" + resource, META if resource == "secrets" else "application/json")
        if json.loads(answer)["items"]:
            with open("%s/list-%s.json" % (folder, resource), "wb") as file:
                file.write(answer)
    with open(folder + "/time", "w", encoding="utf-8") as file:
        file.write(now.strftime("%Y-%m-%dT%H:%M:%SZ\n"))
    for target in targets:  # the next one begins with an empty server, but for namespaces
        if target[0] != "namespace":
            kubectl("patch", *target, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
            kubectl("delete", *target, "--wait=true", "--ignore-not-found")
    for event in json.loads(get("api/v1/events"))["items"]:
        kubectl("delete", "event", event["metadata"]["name"], "-n", event["metadata"]["namespace"])
    print("recorded", name)


for each in NAMES or sorted(f[:-5] for f in os.listdir(SOURCE) if f.endswith(".yaml")):
    record(each)
