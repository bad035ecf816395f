# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A real etcd and kube-apiserver on loopback, for tests: sourced by tests/cluster/run and tests/bench/run.
#
# cluster_init builds what is needed and makes a work folder; cluster_start starts the two servers;
# everything started through this file is ended, and the folder removed, when the shell exits.
# After cluster_init: $bin (etcd, kube-apiserver, kubectl), $work, $server (URL), kubeconfigs
# $work/admin.conf (client certificate), token.conf (bearer token), viewer.conf (what RBAC gives it).

cluster_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Ends what cluster_init and cluster_spawn started. $KEEP keeps the folder, for a look at the logs.
cluster_cleanup() {
    set +e # in a shell with -e, the first process that is gone already would end the clean-up
    local pid
    tmux -L "gatetop-$$" kill-server 2>/dev/null
    while read -r pid; do
        # Whatever has got the id of one that ended before does not name our folder.
        grep -qs "$work" "/proc/$pid/cmdline" || continue
        kill -KILL "$pid" && wait_for 10 process_gone "$pid"
    done <"$work/pids" 2>/dev/null
    if [ -n "${KEEP:-}" ]; then echo "kept: $work" >&2; else rm -rf "$work"; fi
}

# cluster_spawn NAME COMMAND... starts a command with its output in $work/NAME.log; its id is $spawned.
cluster_spawn() {
    local name=$1
    shift
    "$@" >>"$work/$name.log" 2>&1 </dev/null &
    spawned=$!
    disown "$spawned" # bash would announce its end
    # A file, because tests start processes in subshells too.
    echo "$spawned" >>"$work/pids"
}

# wait_for SECONDS COMMAND... tries the command until it succeeds. Tries follow each other at once
# except for a breath of 50 ms, so a condition is seen as soon as it holds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || return 1
        read -rt 0.05 <> <(:) || true
    done
}

# free_port: one that is no client's port by itself. A client that tries again and again while its server
# is away would else get that port one day, connect to itself, and keep the server from coming back.
free_port() {
    python3 -c '
import random, socket
while True:
    port = random.randrange(20000, 32768)
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            continue
    print(port)
    break'
}

# cluster_cert NAME SUBJECT EXTENSIONS makes $work/NAME.{key,crt}, signed by the test's CA.
cluster_cert() {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/$1.key" \
        -subj "$2" -out "$work/$1.csr" 2>/dev/null
    openssl x509 -req -in "$work/$1.csr" -CA "$work/ca.crt" -CAkey "$work/ca.key" -CAcreateserial \
        -days 2 -extfile <(echo "$3") -out "$work/$1.crt" 2>/dev/null
}

# kubeconfig NAME USER-FIELDS [SERVER] writes $work/NAME.conf.
kubeconfig() {
    cat >"$work/$1.conf" <<EOF
apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: test}}]
clusters: [{name: test, cluster: {server: "${3:-$server}", certificate-authority: $work/ca.crt}}]
users: [{name: test, user: {$2}}]
EOF
}

# cluster_init: exit 77 without Go; any other failure ends the shell too.
cluster_init() {
    bin=$("$cluster_here/build") || exit $?
    work=$(mktemp -d "${TMPDIR:-/tmp}/gatetop-cluster-XXXXXX")
    : >"$work/pids"
    trap cluster_cleanup EXIT
    trap 'exit 130' INT TERM HUP
    unset KUBECONFIG http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
    export HOME=$work # no ~/.kube of the person who runs this
    etcd_port=$(free_port) peer_port=$(free_port) api_port=$(free_port)
    server=https://127.0.0.1:$api_port

    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ca.key" \
        -out "$work/ca.crt" -days 2 -subj /CN=test-ca 2>/dev/null
    cluster_cert server /CN=kube-apiserver 'subjectAltName=IP:127.0.0.1,DNS:localhost'
    cluster_cert admin /O=system:masters/CN=admin extendedKeyUsage=clientAuth
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/sa.key" 2>/dev/null
    token=$(openssl rand -hex 16) viewer_token=$(openssl rand -hex 16)
    printf '%s,ops,1,"system:masters"\n%s,viewer,2\n' "$token" "$viewer_token" >"$work/tokens.csv"
    kubeconfig admin "client-certificate: $work/admin.crt, client-key: $work/admin.key"
    kubeconfig token "token: $token"
    kubeconfig viewer "token: $viewer_token"
}

etcd_start() {
    cluster_spawn etcd "$bin/etcd" --unsafe-no-fsync --data-dir "$work/etcd" --log-level error \
        --listen-client-urls "http://127.0.0.1:$etcd_port" \
        --advertise-client-urls "http://127.0.0.1:$etcd_port" \
        --listen-peer-urls "http://127.0.0.1:$peer_port" \
        --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
        --initial-cluster "default=http://127.0.0.1:$peer_port" --quota-backend-bytes 4294967296
}

# apiserver_start [FLAG...]: the same port and certificates each time, so that it can come back.
apiserver_start() {
    cluster_spawn apiserver "$bin/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd_port" \
        --bind-address 127.0.0.1 --secure-port "$api_port" --endpoint-reconciler-type none \
        --client-ca-file "$work/ca.crt" --tls-cert-file "$work/server.crt" \
        --tls-private-key-file "$work/server.key" --token-auth-file "$work/tokens.csv" \
        --authorization-mode RBAC --disable-admission-plugins ServiceAccount \
        --service-account-issuer https://kubernetes.default.svc \
        --service-account-key-file "$work/sa.key" --service-account-signing-key-file "$work/sa.key" \
        --service-cluster-ip-range 10.0.0.0/16 --watch-cache=true "$@"
    echo "$spawned" >"$work/apiserver.pid"
}

# apiserver_kill: as a crash, without a chance to say goodbye to its clients.
apiserver_kill() {
    local pid
    pid=$(cat "$work/apiserver.pid")
    kill -KILL "$pid"
    wait_for 10 process_gone "$pid"
}

# The first thread may be a zombie while others still end, and hold the sockets until then.
process_gone() {
    local state threads
    state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) || return 0
    threads=("/proc/$1/task/"*)
    [ "$state" = Z ] && ((${#threads[@]} == 1))
}

k() { "$bin/kubectl" --kubeconfig "$work/admin.conf" "$@"; }

apiserver_ready() { [ "$(k get --raw /readyz)" = ok ]; }

apiserver_wait() {
    wait_for 90 apiserver_ready || {
        echo "kube-apiserver did not get ready; its last lines:" >&2
        tail -n 20 "$work/apiserver.log" "$work/etcd.log" >&2
        exit 1
    }
}

cluster_start() {
    etcd_start
    apiserver_start "$@"
    apiserver_wait
}

# cluster_crds FILE... applies CRDs (all when none is named) and waits until they are served.
cluster_crds() {
    local files=("$@") args=() file
    ((${#files[@]})) || files=("$bin"/crds/*.yaml)
    for file in "${files[@]}"; do args+=(-f "$file"); done
    k create "${args[@]}" >/dev/null
    k wait --for=condition=Established --timeout=60s "${args[@]}" >/dev/null
    # Established is said before discovery knows it.
    wait_for 60 crds_served "${args[@]}" || {
        echo "the CRDs are not served" >&2
        exit 1
    }
}

crds_served() {
    local names served name
    names=$(k get "$@" -o name | sed 's/^[^/]*\///; s/^customresourcedefinition\.apiextensions\.k8s\.io\///') || return 1
    served=$(k api-resources --no-headers -o name) || return 1
    for name in $names; do grep -qx "$name" <<<"$served" || return 1; done
}

# etcd_compact forgets every revision but the newest, at once.
etcd_compact() {
    local api=http://127.0.0.1:$etcd_port/v3 revision
    revision=$(curl -sf "$api/maintenance/status" -d '{}' | sed 's/.*"revision": *"\([0-9]*\)".*/\1/')
    curl -sf "$api/kv/compaction" -d "{\"revision\": $revision, \"physical\": true}" >/dev/null
}

# proxy_start: nginx between gatetop and the server, on the same port each time; $work/proxy.conf is
# the kubeconfig that goes through it. proxy_cut ends it at once, with every connection through it;
# proxy_reload as an operator does it, with a bound to what still runs; proxy_crash kills the worker, and
# nginx starts another.
proxy_start() {
    if [ ! -e "$work/proxy-port" ]; then
        free_port >"$work/proxy-port"
        kubeconfig proxy "token: $token" "https://127.0.0.1:$(cat "$work/proxy-port")"
        cat >"$work/nginx.conf" <<EOF
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
pid $work/nginx.pid;
error_log $work/nginx-error.log;
worker_shutdown_timeout 1ms;
events {}
stream { server { listen 127.0.0.1:$(cat "$work/proxy-port"); proxy_pass 127.0.0.1:$api_port; } }
EOF
    fi
    # Debian's nginx reads its error log's place before the configuration, hence -e.
    cluster_spawn nginx nginx -p "$work" -e "$work/nginx-error.log" -c "$work/nginx.conf"
    echo "$spawned" >"$work/nginx.started"
    wait_for 20 proxy_answers
}

proxy_answers() { k --server "https://127.0.0.1:$(cat "$work/proxy-port")" get --raw /readyz; }

proxy_cut() {
    local pid
    pid=$(cat "$work/nginx.started")
    kill -TERM "$pid"
    wait_for 10 process_gone "$pid"
}

# proxy_worker sets $worker.
proxy_worker() {
    local master
    master=$(cat "$work/nginx.started")
    read -r worker _ <"/proc/$master/task/$master/children" || [ -n "$worker" ] # a line without an end
}

proxy_reload() {
    local worker
    proxy_worker
    kill -HUP "$(cat "$work/nginx.started")"
    wait_for 10 process_gone "$worker"
    wait_for 20 proxy_answers
}

proxy_crash() {
    local worker
    proxy_worker
    kill -KILL "$worker"
    wait_for 10 process_gone "$worker"
    wait_for 20 proxy_answers
}
