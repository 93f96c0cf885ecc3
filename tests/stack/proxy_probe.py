"""Run inside the scheduler's container by test_5_proxy.py: asks the proxy for what a job needs and for what none does.

Prints one JSON object: each call's name, and what it was answered.
"""
# mypy: ignore-errors
# ruff: noqa: T201, ANN

import json
import os
import sys
from urllib.parse import urlsplit

import requests

import docker

OTHER = sys.argv[1]
IMAGE, NETWORK, OWNER = (os.environ[name] for name in ("JOB_IMAGE", "JOB_NETWORK", "JOB_OWNER"))
LABELS = {"btc.owner": OWNER}
URL = "http://" + urlsplit(os.environ["DOCKER_HOST"]).netloc
MEMORY = 64 * 1024 * 1024
PLAIN = {"Image": IMAGE, "Labels": LABELS, "HostConfig": {"NetworkMode": NETWORK, "Memory": MEMORY}}

client = docker.APIClient(base_url=os.environ["DOCKER_HOST"], version="auto", timeout=20)
answers = {}


def host(**changed):
    settings = {"network_mode": NETWORK, "mem_limit": MEMORY, "mounts": [], "privileged": False, "auto_remove": False}
    return client.create_host_config(**settings | changed)


def create(**changed):
    settings = {"image": IMAGE, "command": ["true"], "labels": LABELS, "host_config": host()}
    created = client.create_container(**settings | changed)
    client.remove_container(created["Id"])
    return created


def ask(name, call, *arguments, **named):
    try:
        answers[name] = f"allowed: {call(*arguments, **named)!r}"
    except docker.errors.APIError as error:
        answers[name] = f"{error.status_code}: {error.explanation}"


def send(name, method, path, body=None, **headers):
    request = requests.Request(
        method, URL, data=body, headers={"Content-Type": "application/json", **headers}
    ).prepare()
    request.url = URL + path  # as it is: no tidying of dots
    answer = requests.Session().send(request, timeout=20)
    try:
        said = answer.json()["message"]
    except (ValueError, KeyError, TypeError):
        said = answer.text
    answers[name] = f"{answer.status_code}: {said}"


def job():
    created = client.create_container(
        image=IMAGE, command=["python", "-c", "print('hello')"], labels=LABELS, host_config=host()
    )
    try:
        stream = client.attach(created["Id"], stdout=True, stderr=True, stream=True)
        client.start(created["Id"])
        said = b"".join(stream).decode().strip()
        client.wait(created["Id"])
        ask("exec in a job", client.exec_create, created["Id"], "id")
        send("body at start", "POST", f"/containers/{created['Id']}/start", json.dumps({"Privileged": True}))
        return said
    finally:
        client.remove_container(created["Id"], force=True)


answers["job"] = job()

ask("privileged", create, host_config=host(privileged=True))
ask("bind of /", create, host_config=host(binds=["/:/host"]))
ask("mount of /", create, host_config=host(mounts=[docker.types.Mount("/host", "/", "bind")]))
ask("mount of a volume", create, host_config=host(mounts=[docker.types.Mount("/v", "mariadb-data", "volume")]))
ask("volumes from", create, host_config=host(volumes_from=[OTHER]))
ask("host's processes", create, host_config=host(pid_mode="host"))
ask("host's network", create, host_config=host(network_mode="host"))
ask("another network", create, host_config=host(network_mode=f"container:{OTHER}"))
ask("a capability", create, host_config=host(cap_add=["SYS_ADMIN"]))
ask("a device", create, host_config=host(devices=["/dev/sda:/dev/sda"]))
ask("a security option", create, host_config=host(security_opt=["seccomp=unconfined"]))
ask("another runtime", create, runtime="other")
ask("no memory limit", create, host_config=host(mem_limit=None))
ask("another image", create, image="mariadb:11.8")
ask("another user", create, user="root")
ask("another entry point", create, entrypoint=["sh"])
ask("no label", create, labels=None)
ask("another owner", create, labels={"btc.owner": "someone"})
ask("a label of Compose", create, labels={**LABELS, "com.docker.compose.project": "x"})
ask("another host name for an address", create, host_config=host(extra_hosts={"mariadb": "10.0.0.1"}))
ask("published port", create, ports=[80], host_config=host(port_bindings={80: 80}))

CREATE = "/v1.41/containers/create"
inner = json.dumps(PLAIN["HostConfig"])[1:-1]
outer = json.dumps({name: PLAIN[name] for name in ("Image", "Labels")})[1:-1]
send("another spelling", "POST", CREATE, f'{{{outer}, "HostConfig": {{{inner}, "privileged": true}}}}')
send("two spellings", "POST", CREATE, f'{{{outer}, "HostConfig": {{{inner}}}, "hostconfig": {{"Privileged": true}}}}')
send("escaped key", "POST", CREATE, f'{{{outer}, "HostConfig": {{{inner}, "\\u0050rivileged": true}}}}')
send("two documents", "POST", CREATE, json.dumps(PLAIN) + '{"HostConfig": {"Privileged": true}}')
send("no document", "POST", CREATE, "")
send("too large", "POST", CREATE, json.dumps({**PLAIN, "Cmd": ["x" * 70_000]}))
send("chunked", "POST", CREATE, iter([json.dumps(PLAIN).encode()]), **{"Transfer-Encoding": "chunked"})
send("old version", "GET", "/v1.23/containers/json")
send("path with dots", "GET", f"/v1.41/containers/{'a' * 64}/../{OTHER}/json")
send("encoded path", "GET", f"/v1.41/containers%2f{OTHER}/json")

ask("inspect another", client.inspect_container, OTHER)
ask("logs of another", client.logs, OTHER)
ask("stop another", client.stop, OTHER)
ask("remove another", client.remove_container, OTHER, force=True)
ask("exec in another", client.exec_create, OTHER, "id")
ask("copy from another", client.get_archive, OTHER, "/run/secrets")
ask("all containers", client.containers, all=True)
ask("secrets", client.secrets)
ask("all images", client.images)
ask("pull another image", client.pull, "alpine", tag="3")
ask("volumes", client.volumes)
ask("networks", client.networks)
ask("info", client.info)
ask("swarm", client.inspect_swarm)
ask("plugins", client.plugins)
send("build", "POST", "/v1.41/build?t=x")
send("events", "GET", "/v1.41/events")
send("session", "POST", "/session", Upgrade="h2c", Connection="Upgrade")

print(json.dumps(answers))
