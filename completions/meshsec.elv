
use builtin;
use str;

set edit:completion:arg-completer[meshsec] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'meshsec'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'meshsec'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand simulate 'Ask what would become of a request'
            cand policy 'Look at policies themselves'
            cand jwt 'Mint, inspect and verify JSON Web Tokens'
            cand bundle 'Look at trust bundles, merge, compare and convert them'
            cand ca 'Run a certificate authority for a trust domain'
            cand svid 'Issue, inspect, verify, list and revoke identities of workloads'
            cand jwk 'Make keys that sign tokens, convert them, publish their public halves'
            cand snapshot 'Keep a mesh in one file, and ask it later'
            cand completion 'Print the completion script of a shell, or of kubectl for the plugin'
            cand man 'Print the manual page, or write one page per command into a directory'
            cand version 'Print the version, and what its answers were checked against'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;simulate'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand request 'Put one request to the mesh and learn what becomes of it, and why'
            cand batch 'Put one request per line to the mesh, in order, on every core'
            cand proxy 'Stand before a real application as the sidecar of a workload, with the rules of the manifests'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;simulate;request'= {
            cand -f 'File, directory, glob or `-` for standard input; repeatable'
            cand --filename 'File, directory, glob or `-` for standard input; repeatable'
            cand -k 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand --kustomize 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand -n 'Namespace of documents and names that give none'
            cand --namespace 'Namespace of documents and names that give none'
            cand --mesh-config 'Mesh configuration (the content of key `mesh`), overrides the manifests'
            cand --feature 'Feature flag of istiod, as in its environment; repeatable'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand --request 'The whole scenario from a YAML or JSON file, or `-`; flags override its keys'
            cand --from 'Caller: `namespace/workload`, or a principal `spiffe://..`; absent: someone outside the mesh'
            cand --from-svid 'Chain of the caller''s certificate: the SPIFFE ID in it is the caller; with `--from`, that workload presents it'
            cand --from-ip 'Source address as the destination''s proxy sees it'
            cand --to 'Destination: `service.namespace[:port]` or `namespace/workload[:port]`'
            cand --protocol 'Application protocol; by the port when absent'
            cand -X 'Method'
            cand --method 'Method'
            cand --path 'Request target with its query'
            cand --host 'Host the caller writes'
            cand -H 'Request header `name: value`; repeatable'
            cand --header 'Request header `name: value`; repeatable'
            cand --token 'Bearer token, `@FILE`, or `@-` for standard input'
            cand --remote-ip 'Original client address as authorization sees it'
            cand --tls 'The client''s side of the connection'
            cand --sni 'Server name the client sends'
            cand --at 'Evaluation time, RFC 3339; now when absent'
            cand --ext-authz 'What external authorization providers would answer'
            cand --jwks 'Key set of an issuer or `jwksUri`: a file, or `unreachable`; repeatable'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --cluster 'The live mesh; files go over its objects of the same kind, namespace and name'
            cand --assume-admitted 'Take objects that the API server or istiod would refuse as if they were in the mesh'
            cand --fetch-jwks 'Fetch every `jwksUri` that no `--jwks` names from the network; a proxy also finds those of issuers by discovery, and fetches them again while it runs, as istiod does'
            cand --explain 'Also print every policy that was looked at, and every one that was not, and why'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;simulate;batch'= {
            cand -f 'File, directory, glob or `-` for standard input; repeatable'
            cand --filename 'File, directory, glob or `-` for standard input; repeatable'
            cand -k 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand --kustomize 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand -n 'Namespace of documents and names that give none'
            cand --namespace 'Namespace of documents and names that give none'
            cand --mesh-config 'Mesh configuration (the content of key `mesh`), overrides the manifests'
            cand --feature 'Feature flag of istiod, as in its environment; repeatable'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand --from-audit 'Instead of scenarios, put the decisions of an audit log of `simulate proxy` to these manifests, and write those that would be others; several files in their order'
            cand --jwks 'Key set of an issuer or `jwksUri`: a file, or `unreachable`; repeatable'
            cand -j 'Threads; one per core when absent'
            cand --jobs 'Threads; one per core when absent'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --cluster 'The live mesh; files go over its objects of the same kind, namespace and name'
            cand --assume-admitted 'Take objects that the API server or istiod would refuse as if they were in the mesh'
            cand --fetch-jwks 'Fetch every `jwksUri` that no `--jwks` names from the network; a proxy also finds those of issuers by discovery, and fetches them again while it runs, as istiod does'
            cand --explain 'Also write the trace of each decision'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;simulate;proxy'= {
            cand -f 'File, directory, glob or `-` for standard input; repeatable'
            cand --filename 'File, directory, glob or `-` for standard input; repeatable'
            cand -k 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand --kustomize 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand -n 'Namespace of documents and names that give none'
            cand --namespace 'Namespace of documents and names that give none'
            cand --mesh-config 'Mesh configuration (the content of key `mesh`), overrides the manifests'
            cand --feature 'Feature flag of istiod, as in its environment; repeatable'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand -w 'The workload: `namespace/name`'
            cand --workload 'The workload: `namespace/name`'
            cand --as 'Also be the sidecar that a caller''s own calls go through: a workload or a service account, `namespace/name`. Calls carry its identity, take mutual TLS as DestinationRules and the mesh say, and go to a server only if it is whom the mesh says it is'
            cand --outbound 'Where calls are taken: as an HTTP proxy (URLs and CONNECT), as SOCKS5 with names, and as a server for requests whose Host is a service; services have the names they have in the mesh'
            cand --endpoint 'Where another process serves a workload''s port: `shop/web:8080=127.0.0.1:23080`; repeatable'
            cand --listen 'Address to listen on, for one port of the workload or for all: `127.0.0.1`, `80=127.0.0.1:8081`; repeatable. By default 127.0.0.1 and the workload''s port plus 15000, or any free one; with `--all` the ports from 20000 on, in order of names'
            cand --upstream 'Address of the application, for one port of the workload or for all: `127.0.0.1:8080`, `80=localhost:8080`, with `--all` `shop/web:80=localhost:8080`; repeatable'
            cand --svid-dir 'Directory with cert-chain.pem, key.pem and root-cert.pem, as `svid issue --out` writes them; read again when they change'
            cand --crl 'Revocation lists of the callers'' authorities, in PEM; read again when they change. With `--home` the last ones that `ca crl` made are used without it. As in Envoy, one list demands a current one of every authority in a caller''s chain'
            cand --svid-ttl 'How long an issued certificate is good; another one is issued after half of it. 24 hours when absent'
            cand --client 'Write the files of an identity for a caller to this directory, issued by an authority that ends with this program: for curl and others, when neither `--svid-dir` nor `--home` is given; repeatable'
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --issuer 'Intermediate that signs, with `--home`'
            cand --jwks 'Key set of an issuer or `jwksUri`: a file, or `unreachable`; repeatable'
            cand --ext-authz 'Where an external authorization provider is, `PROVIDER=http://127.0.0.1:9000` or `PROVIDER=grpc://127.0.0.1:9000`, or what is assumed of it, or of all: `allow`, `deny`, `error`; repeatable. One of which nothing is said is one that cannot be reached'
            cand --audit 'Append every decision to this file, one JSON object per line, with the facts it was made on; never a query or a token, and no header that `--audit-header` does not name. `simulate batch --from-audit` puts it to other manifests'
            cand --audit-max-size 'Begin a new file before this one gets larger: bytes, or with `k`, `M`, `G`. The full one becomes FILE.1, an older one FILE.2 and so on'
            cand --audit-keep 'Full files that are kept; the oldest one goes'
            cand --audit-sample 'Percentage of decisions that are kept, chosen by their request id: the same id is kept by every proxy or by none. Each line says so. A caller that makes up its own request ids chooses with them'
            cand --audit-header 'Also keep this header of each request, as rules see it, so that rules on it can be replayed; repeatable. Never one that holds credentials'
            cand --audit-full 'What happens when decisions come faster than they are written'
            cand --audit-queue 'Decisions that may wait to be written'
            cand --ui 'Serve a page here, such as `127.0.0.1:15000`: it shows the mesh, each decision as it happens and why, and sends requests as any workload. Beside it, as Envoy names them: `/ready`, `/stats/prometheus` and `/config_dump`, and `/decisions?since=N` with what was decided of late, as JSON'
            cand --max-connections 'Connections at once; more are closed as they arrive'
            cand --max-head-bytes 'Bytes of a request''s head'
            cand --max-headers 'Headers of a request'
            cand --max-streams 'Streams of one HTTP/2 connection at once'
            cand --idle-timeout 'How long a connection may wait for its next request, or for the rest of one''s head or body'
            cand --drain-timeout 'How long requests under way may take when the proxy is to end'
            cand --cluster-as 'User to act as'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --cluster 'The live mesh; files go over its objects of the same kind, namespace and name'
            cand --assume-admitted 'Take objects that the API server or istiod would refuse as if they were in the mesh'
            cand --all 'Serve every workload that has a sidecar, each with all its ports'
            cand --passthrough 'Call what the mesh does not know on the real network, in the clear, where the mesh lets such calls out (`ALLOW_ANY`). Without it they get 502 as in a mesh that is `REGISTRY_ONLY`'
            cand --echo 'Answer with what was received, on every port that no `--upstream` names; with `--all` it is so anyway'
            cand --expose 'Listen on addresses that other machines reach: they get what the workload''s rules let them'
            cand --proxy-protocol 'Expect every connection to begin with a PROXY header (version 1): it tells whom the connection is from and to'
            cand --fetch-jwks 'Fetch every `jwksUri` that no `--jwks` names from the network; a proxy also finds those of issuers by discovery, and fetches them again while it runs, as istiod does'
            cand --audit-claims 'Also keep the claims of verified tokens, so that rules on them can be replayed'
            cand --ui-expose 'Let other machines open that page: they see every decision, and send requests as any workload'
            cand --explain 'Also keep the trace of each decision in the audit log'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;simulate;help'= {
            cand request 'Put one request to the mesh and learn what becomes of it, and why'
            cand batch 'Put one request per line to the mesh, in order, on every core'
            cand proxy 'Stand before a real application as the sidecar of a workload, with the rules of the manifests'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;simulate;help;request'= {
        }
        &'meshsec;simulate;help;batch'= {
        }
        &'meshsec;simulate;help;proxy'= {
        }
        &'meshsec;simulate;help;help'= {
        }
        &'meshsec;policy'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand check 'Find what is wrong in manifests, and what will surprise, before they are applied'
            cand apply 'Apply manifests to a cluster, in an order that opens no hole on the way, with proof of what changes'
            cand delete 'Remove the objects of manifests from a cluster, in an order that opens no hole on the way'
            cand get 'List the policies of a cluster, or of files: what each does, to whom, and with how many rules'
            cand diff 'Show which requests get another verdict between two sets of manifests, and which fields differ'
            cand explain 'Explain a rule of `policy check`, or policies in plain English'
            cand effective 'Show everything that decides about the traffic of a workload, in order, and why other objects do not'
            cand translate 'Print the Envoy configuration that istiod would send to a workload''s sidecar'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;policy;check'= {
            cand -f 'File, directory, glob or `-` for standard input; repeatable'
            cand --filename 'File, directory, glob or `-` for standard input; repeatable'
            cand -k 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand --kustomize 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand -n 'Namespace of documents and names that give none'
            cand --namespace 'Namespace of documents and names that give none'
            cand --mesh-config 'Mesh configuration (the content of key `mesh`), overrides the manifests'
            cand --feature 'Feature flag of istiod, as in its environment; repeatable'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand -o 'Format, optionally with a file (`sarif=out.sarif`): text, short, json, sarif, junit, github, gitlab, checkstyle; repeatable'
            cand --output 'Format, optionally with a file (`sarif=out.sarif`): text, short, json, sarif, junit, github, gitlab, checkstyle; repeatable'
            cand --fail-on 'Lowest level that makes the exit code 1'
            cand --max-warnings 'Exit with 1 when there are more warnings than this'
            cand --preset 'Where levels start from'
            cand --select 'Only these rules: codes, starts of codes or names, separated by commas; repeatable'
            cand --ignore 'Not these rules'
            cand --config 'Configuration file; otherwise `meshsec.toml` or `.meshsec.toml`, looked for upward'
            cand --known-namespace 'Namespace that is complete in what is given; repeatable'
            cand --baseline 'Findings that are known and do not count'
            cand --add-ignore 'Suppress, by comments in the files, what these rules find today; needs --reason'
            cand --reason 'Why these suppressions are right; may end in `until 2027-01-31`'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --cluster 'The live mesh; files go over its objects of the same kind, namespace and name'
            cand --assume-admitted 'Take objects that the API server or istiod would refuse as if they were in the mesh'
            cand --info 'Show findings of level info too'
            cand --statistics 'End with a table of rules and how often each was found'
            cand --show-config 'Print the settings and levels that hold, and where each comes from; with --info every rule, with `-o json` as JSON'
            cand --schema 'Print the JSON schema of `-o json` and do nothing else'
            cand --exit-zero 'Exit with 0 whatever is found'
            cand --require-facts 'Exit with 4 when something could not be told for want of input'
            cand --write-baseline 'Write what is found to the baseline (`meshsec-baseline.json` unless --baseline names another)'
            cand --prune-baseline 'Take out of the baseline what is found no more'
            cand --honor-peers 'Honour the annotations that silence `istioctl analyze` and Kiali, for the rules that stand for their codes'
            cand --fix 'Repair what is mechanical, in the files; comments and layout stay'
            cand --diff 'Show the repairs as a diff and write nothing'
            cand --unsafe-fixes 'Also repairs that guess or change which requests pass'
            cand --watch 'Check again whenever a file changes'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;policy;apply'= {
            cand -f 'File, directory, glob or `-` for standard input; repeatable'
            cand --filename 'File, directory, glob or `-` for standard input; repeatable'
            cand -k 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand --kustomize 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand -n 'Namespace of documents and names that give none'
            cand --namespace 'Namespace of documents and names that give none'
            cand --mesh-config 'Mesh configuration (the content of key `mesh`), overrides the manifests'
            cand --feature 'Feature flag of istiod, as in its environment; repeatable'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand --dry-run 'Do everything but the writing, asking the server or not'
            cand --expect 'Scenarios that have to hold with the change, and on the cluster afterwards: a YAML list or JSON lines, each with `expect`'
            cand --timeout 'How long to wait at most'
            cand --fail-on 'Lowest level of a finding that `policy check` stops at'
            cand --config 'Configuration file; otherwise `meshsec.toml` or `.meshsec.toml`, looked for upward'
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --resume 'Bring a run to its end: the latest, or the one named'
            cand --undo 'Take a run back: the latest, or the one named'
            cand --applyset 'Name of the set that these objects belong to; a `ConfigMap` of this name in the namespace of -n is its parent'
            cand -l 'Labels of objects that may be pruned'
            cand --selector 'Labels of objects that may be pruned'
            cand --prune-also 'Also prune this object, `KIND/NAME` or `KIND/NAMESPACE/NAME`, though it concerns the whole mesh; repeatable'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --cluster 'The live mesh; files go over its objects of the same kind, namespace and name'
            cand --assume-admitted 'Take objects that the API server or istiod would refuse as if they were in the mesh'
            cand --plan-only 'Print what would be done, in order and with reasons, and do nothing'
            cand -y 'Agree to every verdict that changes'
            cand --yes 'Agree to every verdict that changes'
            cand --wait 'Wait until the change is served, and in proxies as far as istiod tells'
            cand --skip-check 'Apply without `policy check`'
            cand --force-conflicts 'Take over fields that other managers have'
            cand --rollback-on-failure 'Take everything back when something fails'
            cand --prune 'Remove objects of the set (--applyset) or with the labels (-l) that are in no file any more'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;policy;delete'= {
            cand -f 'File, directory, glob or `-` for standard input; repeatable'
            cand --filename 'File, directory, glob or `-` for standard input; repeatable'
            cand -k 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand --kustomize 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand -n 'Namespace of documents and names that give none'
            cand --namespace 'Namespace of documents and names that give none'
            cand --mesh-config 'Mesh configuration (the content of key `mesh`), overrides the manifests'
            cand --feature 'Feature flag of istiod, as in its environment; repeatable'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand --dry-run 'Do everything but the writing, asking the server or not'
            cand --expect 'Scenarios that have to hold with the change, and on the cluster afterwards: a YAML list or JSON lines, each with `expect`'
            cand --timeout 'How long to wait at most'
            cand --fail-on 'Lowest level of a finding that `policy check` stops at'
            cand --config 'Configuration file; otherwise `meshsec.toml` or `.meshsec.toml`, looked for upward'
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --cluster 'The live mesh; files go over its objects of the same kind, namespace and name'
            cand --assume-admitted 'Take objects that the API server or istiod would refuse as if they were in the mesh'
            cand --plan-only 'Print what would be done, in order and with reasons, and do nothing'
            cand -y 'Agree to every verdict that changes'
            cand --yes 'Agree to every verdict that changes'
            cand --wait 'Wait until the change is served, and in proxies as far as istiod tells'
            cand --skip-check 'Apply without `policy check`'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;policy;get'= {
            cand -f 'File, directory, glob or `-` for standard input; repeatable'
            cand --filename 'File, directory, glob or `-` for standard input; repeatable'
            cand -k 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand --kustomize 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand -n 'Namespace of documents and names that give none'
            cand --namespace 'Namespace of documents and names that give none'
            cand --mesh-config 'Mesh configuration (the content of key `mesh`), overrides the manifests'
            cand --feature 'Feature flag of istiod, as in its environment; repeatable'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --cluster 'The live mesh; files go over its objects of the same kind, namespace and name'
            cand --assume-admitted 'Take objects that the API server or istiod would refuse as if they were in the mesh'
            cand -A 'All namespaces'
            cand --all-namespaces 'All namespaces'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;policy;diff'= {
            cand -f 'File, directory, glob or `-` for standard input; repeatable'
            cand --filename 'File, directory, glob or `-` for standard input; repeatable'
            cand -k 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand --kustomize 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand -n 'Namespace of documents and names that give none'
            cand --namespace 'Namespace of documents and names that give none'
            cand --mesh-config 'Mesh configuration (the content of key `mesh`), overrides the manifests'
            cand --feature 'Feature flag of istiod, as in its environment; repeatable'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand --against 'What was before: file, directory, glob or `-`; repeatable. Without it the live mesh of `--cluster` is, and with both they go over it too'
            cand --fail-on 'Fail when something changes in this direction'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --cluster 'The live mesh; files go over its objects of the same kind, namespace and name'
            cand --assume-admitted 'Take objects that the API server or istiod would refuse as if they were in the mesh'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;policy;explain'= {
            cand -f 'File, directory, glob or `-` for standard input; repeatable'
            cand --filename 'File, directory, glob or `-` for standard input; repeatable'
            cand -k 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand --kustomize 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand -n 'Namespace of documents and names that give none'
            cand --namespace 'Namespace of documents and names that give none'
            cand --mesh-config 'Mesh configuration (the content of key `mesh`), overrides the manifests'
            cand --feature 'Feature flag of istiod, as in its environment; repeatable'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --cluster 'The live mesh; files go over its objects of the same kind, namespace and name'
            cand --assume-admitted 'Take objects that the API server or istiod would refuse as if they were in the mesh'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;policy;effective'= {
            cand -f 'File, directory, glob or `-` for standard input; repeatable'
            cand --filename 'File, directory, glob or `-` for standard input; repeatable'
            cand -k 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand --kustomize 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand -n 'Namespace of documents and names that give none'
            cand --namespace 'Namespace of documents and names that give none'
            cand --mesh-config 'Mesh configuration (the content of key `mesh`), overrides the manifests'
            cand --feature 'Feature flag of istiod, as in its environment; repeatable'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand -w 'The workload: `namespace/name`'
            cand --workload 'The workload: `namespace/name`'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --cluster 'The live mesh; files go over its objects of the same kind, namespace and name'
            cand --assume-admitted 'Take objects that the API server or istiod would refuse as if they were in the mesh'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;policy;translate'= {
            cand -f 'File, directory, glob or `-` for standard input; repeatable'
            cand --filename 'File, directory, glob or `-` for standard input; repeatable'
            cand -k 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand --kustomize 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand -n 'Namespace of documents and names that give none'
            cand --namespace 'Namespace of documents and names that give none'
            cand --mesh-config 'Mesh configuration (the content of key `mesh`), overrides the manifests'
            cand --feature 'Feature flag of istiod, as in its environment; repeatable'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand -w 'The workload: `namespace/name`'
            cand --workload 'The workload: `namespace/name`'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --port 'Port the bootstrap listens on, on 127.0.0.1'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --cluster 'The live mesh; files go over its objects of the same kind, namespace and name'
            cand --assume-admitted 'Take objects that the API server or istiod would refuse as if they were in the mesh'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;policy;help'= {
            cand check 'Find what is wrong in manifests, and what will surprise, before they are applied'
            cand apply 'Apply manifests to a cluster, in an order that opens no hole on the way, with proof of what changes'
            cand delete 'Remove the objects of manifests from a cluster, in an order that opens no hole on the way'
            cand get 'List the policies of a cluster, or of files: what each does, to whom, and with how many rules'
            cand diff 'Show which requests get another verdict between two sets of manifests, and which fields differ'
            cand explain 'Explain a rule of `policy check`, or policies in plain English'
            cand effective 'Show everything that decides about the traffic of a workload, in order, and why other objects do not'
            cand translate 'Print the Envoy configuration that istiod would send to a workload''s sidecar'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;policy;help;check'= {
        }
        &'meshsec;policy;help;apply'= {
        }
        &'meshsec;policy;help;delete'= {
        }
        &'meshsec;policy;help;get'= {
        }
        &'meshsec;policy;help;diff'= {
        }
        &'meshsec;policy;help;explain'= {
        }
        &'meshsec;policy;help;effective'= {
        }
        &'meshsec;policy;help;translate'= {
        }
        &'meshsec;policy;help;help'= {
        }
        &'meshsec;jwt'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand mint 'Mint a token'
            cand inspect 'Show what a token says, without verifying it'
            cand verify 'Verify a token, and learn why it is refused'
            cand request-authentication 'Write the RequestAuthentication that accepts an issuer''s tokens'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;jwt;mint'= {
            cand --key 'Private key: PEM, DER or JWK, or a directory made by `meshsec jwk generate`'
            cand --secret-file 'Shared secret for HS256, HS384 and HS512: the bytes of this file'
            cand --spiffe-id 'Whose it is: SPIFFE ID in the trust domain of the authority'
            cand --service-account 'Whose it is: Kubernetes service account `namespace/name`'
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --kid '`kid` of the header; with a directory the key to take'
            cand --alg '`alg` of the header; the key''s usual one when absent'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --iss 'Issuer'
            cand --sub 'Subject'
            cand --aud 'Audience; repeatable'
            cand --ttl 'How long it is valid, such as 5m, 1h, 30d; 1h when absent'
            cand --nbf 'When it begins to be valid: RFC 3339, or a duration from now'
            cand --at 'Time of issue, RFC 3339; now when absent'
            cand --jti '`jti`; random when absent, none when empty'
            cand --claim 'Claim that is a string; repeatable'
            cand --claim-json 'Claim that is any JSON value; repeatable'
            cand --header 'Further header member that is a string, such as `typ=at+jwt`; repeatable'
            cand --color 'When to use colour'
            cand --allow-hmac 'Sign with a shared secret: whoever can verify such a token can also make one'
            cand --svid 'A JWT-SVID: signed by the mesh''s own key, which is kept with the authority and published in its bundle'
            cand --never-expires 'Leave `exp` out: the token can never be taken back'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;jwt;inspect'= {
            cand --at 'Time to compare with, RFC 3339; now when absent'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;jwt;verify'= {
            cand --jwks 'Key set of the issuer; with `--request-auth` also `ISSUER=FILE` or `unreachable`, repeatable'
            cand --key 'Public key: PEM, certificate or JWK; repeatable'
            cand --secret-file 'Shared secret for HS256, HS384 and HS512: the bytes of this file'
            cand --request-auth 'Manifests with RequestAuthentications: file, directory, glob or `-`; repeatable'
            cand --workload 'Only the RequestAuthentications that apply to this workload of the manifests'
            cand --policy 'Only this RequestAuthentication; all of the files together when absent'
            cand -n 'Namespace of documents that give none'
            cand --namespace 'Namespace of documents that give none'
            cand -H 'Request header `name: value` that carries the token, as it is sent; repeatable'
            cand --header 'Request header `name: value` that carries the token, as it is sent; repeatable'
            cand --path 'Request target with the query that carries the token'
            cand --aud 'The verifier''s own name, one of which `aud` must hold; repeatable'
            cand --iss 'The issuer, exactly as the token writes it; repeatable'
            cand --sub 'The subject'
            cand --typ 'The kind of token: `typ` of the header, such as `at+jwt`'
            cand --alg 'Algorithm that is allowed; those of the keys when absent; repeatable'
            cand --leeway 'By how much clocks may differ; the proxy always forgives 60s'
            cand --at 'Time to verify at, RFC 3339; now when absent'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --assume-admitted 'Take policies that the API server or istiod would refuse as if they were in the mesh'
            cand --strict 'Judge by the standards instead of the proxy'
            cand --accept-any-audience 'Take a token for any audience'
            cand --accept-without-expiry 'Take a token that never expires'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;jwt;request-authentication'= {
            cand --jwks 'Key set to write into the object'
            cand --key 'Public key to write into the object, as a key set of one'
            cand --jwks-uri 'Where istiod fetches the key set'
            cand --iss 'Issuer, exactly as its tokens write it'
            cand --audience 'Audience that is accepted; any when absent; repeatable'
            cand --audiences 'Audience that is accepted; any when absent; repeatable'
            cand --aud 'Audience that is accepted; any when absent; repeatable'
            cand --selector 'Label of the workloads; the whole namespace when absent; repeatable'
            cand -n 'Namespace of the object; where it is applied when absent'
            cand --namespace 'Namespace of the object; where it is applied when absent'
            cand --name 'Name of the object; by the selector, or `jwt`, when absent'
            cand --color 'When to use colour'
            cand --forward 'Also give the token to the application'
            cand --require 'Refuse requests without a token of this issuer, by an AuthorizationPolicy'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;jwt;help'= {
            cand mint 'Mint a token'
            cand inspect 'Show what a token says, without verifying it'
            cand verify 'Verify a token, and learn why it is refused'
            cand request-authentication 'Write the RequestAuthentication that accepts an issuer''s tokens'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;jwt;help;mint'= {
        }
        &'meshsec;jwt;help;inspect'= {
        }
        &'meshsec;jwt;help;verify'= {
        }
        &'meshsec;jwt;help;request-authentication'= {
        }
        &'meshsec;jwt;help;help'= {
        }
        &'meshsec;bundle'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand show 'Show who a trust bundle trusts: every authority with its key and lifetime, JWT keys, and what is odd'
            cand merge 'Merge bundles of one trust domain into one, as a change of roots needs it'
            cand diff 'Compare two bundles: which authorities came, went and stayed, and whether a running istiod takes the change'
            cand convert 'Write a bundle in another form: PEM, or a SPIFFE bundle'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;bundle;show'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --trust-domain 'Whose bundle it is, for files that do not say, or which one to take from a map; a name or `spiffe://NAME`'
            cand --at 'Time at which lifetimes are judged, RFC 3339; now when absent'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;bundle;merge'= {
            cand --trust-domain 'Whose bundle it is, for files that do not say, or which one to take from a map; a name or `spiffe://NAME`'
            cand -o 'File to write, replaced in one step; standard output when absent'
            cand --output 'File to write, replaced in one step; standard output when absent'
            cand --format 'Form to write'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;bundle;diff'= {
            cand --trust-domain 'Whose bundle it is, for files that do not say, or which one to take from a map; a name or `spiffe://NAME`'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;bundle;convert'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --trust-domain 'Whose bundle it is, for files that do not say, or which one to take from a map; a name or `spiffe://NAME`'
            cand --to 'Form to write'
            cand -o 'File to write, replaced in one step; standard output when absent'
            cand --output 'File to write, replaced in one step; standard output when absent'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;bundle;help'= {
            cand show 'Show who a trust bundle trusts: every authority with its key and lifetime, JWT keys, and what is odd'
            cand merge 'Merge bundles of one trust domain into one, as a change of roots needs it'
            cand diff 'Compare two bundles: which authorities came, went and stayed, and whether a running istiod takes the change'
            cand convert 'Write a bundle in another form: PEM, or a SPIFFE bundle'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;bundle;help;show'= {
        }
        &'meshsec;bundle;help;merge'= {
        }
        &'meshsec;bundle;help;diff'= {
        }
        &'meshsec;bundle;help;convert'= {
        }
        &'meshsec;bundle;help;help'= {
        }
        &'meshsec;ca'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand init 'Make a root, an intermediate that issues under it, and the ledger of everything they sign'
            cand show 'List the authorities, their states, keys and ends'
            cand intermediate 'Make an issuing authority under the root, one for each cluster'
            cand sign 'Sign a certificate signing request for the identity that is named here'
            cand export 'Write an intermediate for the program that is to sign with it'
            cand install 'Put an intermediate into a cluster, for istiod to sign with'
            cand crl 'Write revocation lists: the complete set that Envoy needs, or one'
            cand verify 'Tell whether istiod would load an authority, and whether the mesh would work with it'
            cand rotate 'Bring in a new root beside the old one, let it sign, and drop the old one'
            cand backup 'Write the ledger and every private key into one encrypted file'
            cand restore 'Make a home from a backup'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;ca;init'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --trust-domain 'Whose identities it vouches for, with or without `spiffe://`'
            cand --key-type 'Kind of key of root and intermediate: ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, rsa-4096 or ed25519'
            cand --ttl 'Life of the root'
            cand --intermediate-ttl 'Life of the intermediate [default: 2y, or the root''s when that is shorter]'
            cand --max-svid-ttl 'Longest life a workload''s certificate may be given'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --insecure-no-password 'Write private keys unencrypted: whoever can read the file can sign'
            cand --constrain 'Let the root''s certificate permit identities of the trust domain only (name constraint on URIs). Envoy, Go and openssl keep to it; rustls, and so perhaps ztunnel, refuses every identity under it'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;show'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;intermediate'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --name 'What to call it, such as the cluster''s name'
            cand --ttl 'Its life; no longer than the root''s'
            cand --key-type 'Kind of key; the root''s when absent'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --constrain 'Let its certificate permit identities of the trust domain only (name constraint on URIs). Envoy, Go and openssl keep to it; rustls, and so perhaps ztunnel, refuses every identity under it'
            cand --replace 'Take the place of the intermediate of this name; certificates it signed stay good'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;sign'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --service-account 'Kubernetes service account: `namespace/name`, or `name` in namespace `default`'
            cand --spiffe-id 'SPIFFE ID, in the trust domain of this authority'
            cand --dns 'DNS name beside the identity; repeatable'
            cand --ip 'Address beside the identity; repeatable'
            cand --requested-names 'What to do with names that the request asks for and was not granted; they are never copied'
            cand --ttl 'Life of the certificate; refused when longer than the authority''s longest or than its signer lives [default: 24h]'
            cand --issuer 'Intermediate that signs'
            cand --out 'File for the chain, replaced in one step; standard output when absent'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;export'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --name 'The intermediate'
            cand --next-update 'How long the revocation lists last'
            cand --namespace 'Namespace of the Secret'
            cand --for 'The program that is to sign'
            cand -o 'Directory to write, or `k8s` for a Secret `cacerts` on standard output'
            cand --output 'Directory to write, or `k8s` for a Secret `cacerts` on standard output'
            cand --color 'When to use colour'
            cand --crl 'Also write the complete set of revocation lists; peers then refuse whoever no list covers'
            cand --overwrite 'Replace files of the same names that something else wrote'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;install'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --name 'The intermediate'
            cand --next-update 'How long the revocation lists last'
            cand --namespace 'Namespace of the Secret'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand --dry-run 'Write nothing: `client` compares with what is there, `server` also asks the API server whether it would take the Secret'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --crl 'Also write the complete set of revocation lists; peers then refuse whoever no list covers'
            cand --restart 'Restart istiod when the Secret was written, as `kubectl rollout restart` does'
            cand --force 'Write it although connections will break, and remove keys from the Secret that istiod would take instead'
            cand --force-conflicts 'Take over fields of the Secret that somebody else manages'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;crl'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --for 'For whom: the complete set, which is also what is written when nothing is named'
            cand --name 'The list of this authority alone: name or identifier'
            cand --next-update 'How long until the next list has to be there'
            cand --out 'File to replace, in one step; standard output when absent'
            cand -o 'Output format; DER holds one list'
            cand --output 'Output format; DER holds one list'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;verify'= {
            cand --trust-domain 'Trust domain of the mesh, whose identities name constraints must permit'
            cand --at 'The time to verify at, now when absent'
            cand --current 'The files a running istiod has loaded: also tell whether it takes the change without a restart'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --multi-root 'istiod runs with `ISTIO_MULTIROOT_MESH=true`'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;rotate'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand prepare 'Make a new root with intermediates of the same names; the old ones go on signing'
            cand activate 'Let the prepared root sign; the one that signed becomes old'
            cand taint 'Have everything that an old root signed replaced; it is still trusted'
            cand revoke 'Take a tainted root out of the bundle; nothing under it is trusted any more'
            cand jwt-key 'Bring in a new key for JWT-SVIDs; the old one is published until its last token has expired'
            cand status 'Say where the rotation stands, what still chains to which root, and what comes next'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;ca;rotate;prepare'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --key-type 'Kind of key of the new root and its intermediates; the active root''s when absent'
            cand --ttl 'Life of the new root'
            cand --intermediate-ttl 'Life of its intermediates [default: 2y, or the root''s when that is shorter]'
            cand -o 'Output format of the state afterwards'
            cand --output 'Output format of the state afterwards'
            cand --color 'When to use colour'
            cand --constrain 'Let the new root''s certificate permit identities of the trust domain only (name constraint on URIs). Envoy, Go and openssl keep to it; rustls, and so perhaps ztunnel, refuses every identity under it'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;rotate;activate'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --root 'The root: name or identifier; the prepared one when absent'
            cand -o 'Output format of the state afterwards'
            cand --output 'Output format of the state afterwards'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;rotate;taint'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --root 'The root: name or identifier; the old one when absent'
            cand -o 'Output format of the state afterwards'
            cand --output 'Output format of the state afterwards'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;rotate;revoke'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --root 'The root: name or identifier; the tainted one when absent'
            cand -o 'Output format of the state afterwards'
            cand --output 'Output format of the state afterwards'
            cand --color 'When to use colour'
            cand --force 'Lock out the holders of certificates that still chain to it'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;rotate;jwt-key'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --lead 'How long the old key goes on signing: the time every verifier needs to get the bundle'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --compromised 'Somebody else has the old key: the new one signs at once, and what was signed so far is good no more'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;rotate;status'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --for 'For whom to write the steps'
            cand --name 'The cluster''s intermediate'
            cand --namespace 'Namespace of istiod'
            cand --next-update 'How long the revocation lists last'
            cand --out 'Directory for the steps'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --crl 'Put the complete set of revocation lists into every step'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;rotate;help'= {
            cand prepare 'Make a new root with intermediates of the same names; the old ones go on signing'
            cand activate 'Let the prepared root sign; the one that signed becomes old'
            cand taint 'Have everything that an old root signed replaced; it is still trusted'
            cand revoke 'Take a tainted root out of the bundle; nothing under it is trusted any more'
            cand jwt-key 'Bring in a new key for JWT-SVIDs; the old one is published until its last token has expired'
            cand status 'Say where the rotation stands, what still chains to which root, and what comes next'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;ca;rotate;help;prepare'= {
        }
        &'meshsec;ca;rotate;help;activate'= {
        }
        &'meshsec;ca;rotate;help;taint'= {
        }
        &'meshsec;ca;rotate;help;revoke'= {
        }
        &'meshsec;ca;rotate;help;jwt-key'= {
        }
        &'meshsec;ca;rotate;help;status'= {
        }
        &'meshsec;ca;rotate;help;help'= {
        }
        &'meshsec;ca;backup'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand -o 'File to write'
            cand --output 'File to write'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;restore'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;ca;help'= {
            cand init 'Make a root, an intermediate that issues under it, and the ledger of everything they sign'
            cand show 'List the authorities, their states, keys and ends'
            cand intermediate 'Make an issuing authority under the root, one for each cluster'
            cand sign 'Sign a certificate signing request for the identity that is named here'
            cand export 'Write an intermediate for the program that is to sign with it'
            cand install 'Put an intermediate into a cluster, for istiod to sign with'
            cand crl 'Write revocation lists: the complete set that Envoy needs, or one'
            cand verify 'Tell whether istiod would load an authority, and whether the mesh would work with it'
            cand rotate 'Bring in a new root beside the old one, let it sign, and drop the old one'
            cand backup 'Write the ledger and every private key into one encrypted file'
            cand restore 'Make a home from a backup'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;ca;help;init'= {
        }
        &'meshsec;ca;help;show'= {
        }
        &'meshsec;ca;help;intermediate'= {
        }
        &'meshsec;ca;help;sign'= {
        }
        &'meshsec;ca;help;export'= {
        }
        &'meshsec;ca;help;install'= {
        }
        &'meshsec;ca;help;crl'= {
        }
        &'meshsec;ca;help;verify'= {
        }
        &'meshsec;ca;help;rotate'= {
            cand prepare 'Make a new root with intermediates of the same names; the old ones go on signing'
            cand activate 'Let the prepared root sign; the one that signed becomes old'
            cand taint 'Have everything that an old root signed replaced; it is still trusted'
            cand revoke 'Take a tainted root out of the bundle; nothing under it is trusted any more'
            cand jwt-key 'Bring in a new key for JWT-SVIDs; the old one is published until its last token has expired'
            cand status 'Say where the rotation stands, what still chains to which root, and what comes next'
        }
        &'meshsec;ca;help;rotate;prepare'= {
        }
        &'meshsec;ca;help;rotate;activate'= {
        }
        &'meshsec;ca;help;rotate;taint'= {
        }
        &'meshsec;ca;help;rotate;revoke'= {
        }
        &'meshsec;ca;help;rotate;jwt-key'= {
        }
        &'meshsec;ca;help;rotate;status'= {
        }
        &'meshsec;ca;help;backup'= {
        }
        &'meshsec;ca;help;restore'= {
        }
        &'meshsec;ca;help;help'= {
        }
        &'meshsec;svid'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand issue 'Issue identities to workloads: key, certificate chain and roots'
            cand inspect 'Show certificates in whatever form they come, and what is wrong with them'
            cand install 'Put identities into a cluster: a Secret for each service account, written only when it is due'
            cand verify 'Verify a workload''s chain against the trust bundle of its trust domain'
            cand list 'List the certificates in the ledger, the one that ends first in front'
            cand renew 'Renew certificates that this authority issued: those in directories, or all of the ledger'
            cand revoke 'Revoke certificates, by serial number or by identity'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;svid;issue'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --service-account 'Kubernetes service account: `namespace/name`, or `name` in namespace `default`'
            cand --spiffe-id 'SPIFFE ID, in the trust domain of this authority'
            cand --dns 'DNS name beside the identity; repeatable'
            cand --ip 'Address beside the identity; repeatable'
            cand --csr 'Certificate signing request (PKCS#10, PEM or DER) whose key is certified, or `-`'
            cand --requested-names 'What to do with names that the request asks for and was not granted; they are never copied'
            cand -f 'File, directory, glob or `-` for standard input; repeatable'
            cand --filename 'File, directory, glob or `-` for standard input; repeatable'
            cand -k 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand --kustomize 'Directory to build with `kubectl kustomize` or `kustomize build`'
            cand -n 'Namespace of documents and names that give none'
            cand --namespace 'Namespace of documents and names that give none'
            cand --mesh-config 'Mesh configuration (the content of key `mesh`), overrides the manifests'
            cand --feature 'Feature flag of istiod, as in its environment; repeatable'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand --ttl 'Its life; refused when longer than the authority''s longest or than its signer lives [default: 24h]'
            cand --key-type 'Kind of key to make'
            cand --issuer 'Intermediate that signs'
            cand --out 'Directory for cert-chain.pem, key.pem and root-cert.pem; with `--all`, of NAMESPACE/ACCOUNT directories'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --layout 'Keys of the Secret [default: citadel]'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --cluster 'The live mesh; files go over its objects of the same kind, namespace and name'
            cand --assume-admitted 'Take objects that the API server or istiod would refuse as if they were in the mesh'
            cand --all 'One certificate for each service account found in the manifests'
            cand --overwrite 'Replace files of the same names that something else wrote'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;svid;inspect'= {
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --at 'The time that counts, RFC 3339; now when absent'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --fail-on-problems 'End with 1 when there are errors or warnings; notes do not count'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;svid;install'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand --service-account 'Service account: `namespace/name`, or `name` in `--namespace`; repeatable'
            cand -n 'Namespace; otherwise that of the context, and with `--all` every one'
            cand --namespace 'Namespace; otherwise that of the context, and with `--all` every one'
            cand --layout 'Keys of the Secret'
            cand --ratio 'Share of the life that must be left, 0 to 1'
            cand --jitter 'Largest distance from the ratio, other for each certificate, so that not all renew at once'
            cand --ttl 'Life of a certificate; when absent that of the one before, or 24h for the first one'
            cand --key-type 'Kind of key to make; when absent that of the one before, or ecdsa-p256 for the first one'
            cand --issuer 'Intermediate that signs; when absent the one of the same name as before, or `default` for the first one'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --all 'Every service account of the cluster but those of Kubernetes itself, or of `--namespace`'
            cand --force 'Renew also what is not due'
            cand --overwrite 'Replace also what another authority issued'
            cand --force-conflicts 'Take over fields of the Secrets that somebody else manages'
            cand --dry-run 'Issue nothing and write nothing: say what is due, and whether the API server would take it'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;svid;verify'= {
            cand --bundle 'Trust bundle, PEM, DER, SPIFFE bundle or Secret: `FILE` for the chain''s own trust domain, or `DOMAIN=FILE`; repeatable'
            cand --spiffe-id 'The identity it must have'
            cand --crl 'Revocation lists, PEM or DER; repeatable, and a file may hold several'
            cand --usage 'Which side of a connection presents the chain; either when absent, and then no purpose is demanded'
            cand --key 'The private key that must belong to the workload''s certificate'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --at 'The time that counts, RFC 3339; now when absent'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --crl-leaf-only 'Look up the revocation of the workload''s certificate only'
            cand --strict 'Refuse also what departs from the standard and peers take all the same'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;svid;list'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --expiring-within 'Only what ends within this time'
            cand --spiffe-id 'Only this identity'
            cand -n 'Only service accounts of this namespace'
            cand --namespace 'Only service accounts of this namespace'
            cand --issuer 'Only what this authority signed: name or identifier'
            cand --state 'Only what is in this state'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --with-authorities 'Also roots and intermediates'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;svid;renew'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --poll 'With `--watch`: look for new certificates, rotations and a clock that was set at least this often'
            cand --exec 'Command for the shell after each replacement; `$MESHSEC_CERT_DIR` and `$MESHSEC_SPIFFE_ID` tell it which'
            cand --ratio 'Share of the life that must be left, 0 to 1'
            cand --jitter 'Largest distance from the ratio, other for each certificate, so that not all renew at once'
            cand --ttl 'Life of the new certificate; as long as the one before when absent'
            cand --key-type 'Kind of key to make; as before when absent'
            cand --issuer 'Intermediate that signs; the one of the same name that signs now when absent'
            cand --service-account 'Kubernetes service account: `namespace/name`, or `name` in namespace `default`'
            cand --spiffe-id 'SPIFFE ID, in the trust domain of this authority'
            cand --dns 'DNS name beside the identity; repeatable'
            cand --ip 'Address beside the identity; repeatable'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --all 'Every directory that the ledger knows'
            cand --check 'Change nothing and say what needs renewal: exit code 0 when something does, 1 when nothing does'
            cand --watch 'Keep running and renew in time, until a signal comes'
            cand --force 'Renew also what is not due'
            cand --reuse-key 'Certify the present key again instead of making a new one'
            cand --overwrite 'Replace files of the same names that something else wrote'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;svid;revoke'= {
            cand --home 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`'
            cand --serial 'Serial number in hex, of a workload or an intermediate'
            cand --spiffe-id 'Every valid certificate of this identity'
            cand --reason 'Why: unspecified, key-compromise, ca-compromise, affiliation-changed, superseded, cessation-of-operation, certificate-hold, privilege-withdrawn or aa-compromise'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;svid;help'= {
            cand issue 'Issue identities to workloads: key, certificate chain and roots'
            cand inspect 'Show certificates in whatever form they come, and what is wrong with them'
            cand install 'Put identities into a cluster: a Secret for each service account, written only when it is due'
            cand verify 'Verify a workload''s chain against the trust bundle of its trust domain'
            cand list 'List the certificates in the ledger, the one that ends first in front'
            cand renew 'Renew certificates that this authority issued: those in directories, or all of the ledger'
            cand revoke 'Revoke certificates, by serial number or by identity'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;svid;help;issue'= {
        }
        &'meshsec;svid;help;inspect'= {
        }
        &'meshsec;svid;help;install'= {
        }
        &'meshsec;svid;help;verify'= {
        }
        &'meshsec;svid;help;list'= {
        }
        &'meshsec;svid;help;renew'= {
        }
        &'meshsec;svid;help;revoke'= {
        }
        &'meshsec;svid;help;help'= {
        }
        &'meshsec;jwk'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand generate 'Make a key that signs tokens, and publish its public half'
            cand convert 'Turn keys from one format into another: PEM, DER, certificate, JWK, JWK set'
            cand thumbprint 'Print the thumbprint of a key, which is the usual `kid` (RFC 7638)'
            cand set 'Keep a JWK set: add, remove, list and check its keys'
            cand serve 'Serve a key set and OpenID discovery over HTTP: a local issuer for tests'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;jwk;generate'= {
            cand --alg 'Algorithm the key is for'
            cand --size 'Bits of an RSA key'
            cand --kid 'Identifier of the key, `kid`; its thumbprint when absent'
            cand --new-password-file 'File with the passphrase to encrypt the private key under'
            cand --out 'Directory to write, made when it is missing'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --encrypt 'Encrypt the private key; its passphrase comes from `--new-password-file`, else `$MESHSEC_PASSWORD`, else a prompt'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;jwk;convert'= {
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --kid '`kid` of the key'
            cand --alg '`alg` of the key'
            cand --use '`use` of the key: sig or enc'
            cand --new-password-file 'File with the passphrase to encrypt the private key under'
            cand --form 'Structure inside PEM'
            cand --out 'File to write instead of standard output; one with a private key is for its owner alone (0600)'
            cand -o 'Output format; `jwk` from PEM and DER, `pem` from JWK and sets when absent'
            cand --output 'Output format; `jwk` from PEM and DER, `pem` from JWK and sets when absent'
            cand --color 'When to use colour'
            cand --repair 'Correct lost zeros, padding and other spelling mistakes of a JWK instead of refusing it'
            cand --no-kid 'Write no `kid`'
            cand --no-alg 'Write no `alg`'
            cand --show-private 'Write the private key, or secret, too'
            cand --encrypt 'Encrypt the private key; its passphrase comes from `--new-password-file`, else `$MESHSEC_PASSWORD`, else a prompt'
            cand --overwrite 'Replace the file if it exists'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;jwk;thumbprint'= {
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --hash 'Digest'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --repair 'Correct lost zeros, padding and other spelling mistakes of a JWK instead of refusing it'
            cand --uri 'Print the URI form (RFC 9278)'
            cand --kubernetes 'Print the `kid` of Kubernetes'' API server instead: SHA-256 of the public key in DER'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;jwk;set'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand add 'Add the public halves of keys to a set'
            cand remove 'Remove keys from a set'
            cand list 'List the keys of a set'
            cand check 'Check a set before it is published, by the standards and as Envoy reads it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;jwk;set;add'= {
            cand --password-file 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt'
            cand --kid '`kid` of the key; its own when absent, else its thumbprint'
            cand --alg '`alg` of the key; its own when absent, else the usual one of its type'
            cand --color 'When to use colour'
            cand --repair 'Correct lost zeros, padding and other spelling mistakes of a JWK instead of refusing it'
            cand --replace 'Take the place of the key with the same `kid`'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;jwk;set;remove'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;jwk;set;list'= {
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;jwk;set;check'= {
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand --allow-warnings 'Exit with 0 when there are warnings only'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;jwk;set;help'= {
            cand add 'Add the public halves of keys to a set'
            cand remove 'Remove keys from a set'
            cand list 'List the keys of a set'
            cand check 'Check a set before it is published, by the standards and as Envoy reads it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;jwk;set;help;add'= {
        }
        &'meshsec;jwk;set;help;remove'= {
        }
        &'meshsec;jwk;set;help;list'= {
        }
        &'meshsec;jwk;set;help;check'= {
        }
        &'meshsec;jwk;set;help;help'= {
        }
        &'meshsec;jwk;serve'= {
            cand --dir 'Directory with `jwks.json`, as `jwk generate` writes it'
            cand --listen 'Address to listen on; port 0 takes a free one'
            cand --issuer 'Issuer that the discovery document names; `http://ADDRESS` when absent'
            cand --max-age 'How long clients may keep the set'
            cand --color 'When to use colour'
            cand --allow-remote 'Listen on an address that other machines can reach; there is no TLS'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;jwk;help'= {
            cand generate 'Make a key that signs tokens, and publish its public half'
            cand convert 'Turn keys from one format into another: PEM, DER, certificate, JWK, JWK set'
            cand thumbprint 'Print the thumbprint of a key, which is the usual `kid` (RFC 7638)'
            cand set 'Keep a JWK set: add, remove, list and check its keys'
            cand serve 'Serve a key set and OpenID discovery over HTTP: a local issuer for tests'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;jwk;help;generate'= {
        }
        &'meshsec;jwk;help;convert'= {
        }
        &'meshsec;jwk;help;thumbprint'= {
        }
        &'meshsec;jwk;help;set'= {
            cand add 'Add the public halves of keys to a set'
            cand remove 'Remove keys from a set'
            cand list 'List the keys of a set'
            cand check 'Check a set before it is published, by the standards and as Envoy reads it'
        }
        &'meshsec;jwk;help;set;add'= {
        }
        &'meshsec;jwk;help;set;remove'= {
        }
        &'meshsec;jwk;help;set;list'= {
        }
        &'meshsec;jwk;help;set;check'= {
        }
        &'meshsec;jwk;help;serve'= {
        }
        &'meshsec;jwk;help;help'= {
        }
        &'meshsec;snapshot'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand save 'Save a mesh into one file, which every `-f` reads'
            cand show 'Say what a snapshot holds, where it is from, and what it lacks'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;snapshot;save'= {
            cand -o 'File to write, compressed when it ends in `.gz`; `-` for standard output'
            cand --output 'File to write, compressed when it ends in `.gz`; `-` for standard output'
            cand -f 'Manifests instead of the cluster: file, directory, glob or `-` for standard input; repeatable'
            cand --filename 'Manifests instead of the cluster: file, directory, glob or `-` for standard input; repeatable'
            cand -n 'Only this namespace and istio-system; repeatable. With `-f` alone, the namespace of documents that give none'
            cand --namespace 'Only this namespace and istio-system; repeatable. With `-f` alone, the namespace of documents that give none'
            cand --kubeconfig 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in'
            cand --context 'Context of the kubeconfig'
            cand --as 'User to act as'
            cand --as-group 'Group to act in; repeatable'
            cand --request-timeout 'How long one request may take, otherwise a minute; `0` for as long as it wants'
            cand --color 'When to use colour'
            cand --overwrite 'Replace a file that is no snapshot'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --cluster 'The live mesh with the manifests over it'
            cand -A 'Every namespace, as when none is named'
            cand --all-namespaces 'Every namespace, as when none is named'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;snapshot;show'= {
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;snapshot;help'= {
            cand save 'Save a mesh into one file, which every `-f` reads'
            cand show 'Say what a snapshot holds, where it is from, and what it lacks'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;snapshot;help;save'= {
        }
        &'meshsec;snapshot;help;show'= {
        }
        &'meshsec;snapshot;help;help'= {
        }
        &'meshsec;completion'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;man'= {
            cand --out 'Directory to write the pages into'
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;version'= {
            cand --color 'When to use colour'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;help'= {
            cand simulate 'Ask what would become of a request'
            cand policy 'Look at policies themselves'
            cand jwt 'Mint, inspect and verify JSON Web Tokens'
            cand bundle 'Look at trust bundles, merge, compare and convert them'
            cand ca 'Run a certificate authority for a trust domain'
            cand svid 'Issue, inspect, verify, list and revoke identities of workloads'
            cand jwk 'Make keys that sign tokens, convert them, publish their public halves'
            cand snapshot 'Keep a mesh in one file, and ask it later'
            cand completion 'Print the completion script of a shell, or of kubectl for the plugin'
            cand man 'Print the manual page, or write one page per command into a directory'
            cand version 'Print the version, and what its answers were checked against'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;help;simulate'= {
            cand request 'Put one request to the mesh and learn what becomes of it, and why'
            cand batch 'Put one request per line to the mesh, in order, on every core'
            cand proxy 'Stand before a real application as the sidecar of a workload, with the rules of the manifests'
        }
        &'meshsec;help;simulate;request'= {
        }
        &'meshsec;help;simulate;batch'= {
        }
        &'meshsec;help;simulate;proxy'= {
        }
        &'meshsec;help;policy'= {
            cand check 'Find what is wrong in manifests, and what will surprise, before they are applied'
            cand apply 'Apply manifests to a cluster, in an order that opens no hole on the way, with proof of what changes'
            cand delete 'Remove the objects of manifests from a cluster, in an order that opens no hole on the way'
            cand get 'List the policies of a cluster, or of files: what each does, to whom, and with how many rules'
            cand diff 'Show which requests get another verdict between two sets of manifests, and which fields differ'
            cand explain 'Explain a rule of `policy check`, or policies in plain English'
            cand effective 'Show everything that decides about the traffic of a workload, in order, and why other objects do not'
            cand translate 'Print the Envoy configuration that istiod would send to a workload''s sidecar'
        }
        &'meshsec;help;policy;check'= {
        }
        &'meshsec;help;policy;apply'= {
        }
        &'meshsec;help;policy;delete'= {
        }
        &'meshsec;help;policy;get'= {
        }
        &'meshsec;help;policy;diff'= {
        }
        &'meshsec;help;policy;explain'= {
        }
        &'meshsec;help;policy;effective'= {
        }
        &'meshsec;help;policy;translate'= {
        }
        &'meshsec;help;jwt'= {
            cand mint 'Mint a token'
            cand inspect 'Show what a token says, without verifying it'
            cand verify 'Verify a token, and learn why it is refused'
            cand request-authentication 'Write the RequestAuthentication that accepts an issuer''s tokens'
        }
        &'meshsec;help;jwt;mint'= {
        }
        &'meshsec;help;jwt;inspect'= {
        }
        &'meshsec;help;jwt;verify'= {
        }
        &'meshsec;help;jwt;request-authentication'= {
        }
        &'meshsec;help;bundle'= {
            cand show 'Show who a trust bundle trusts: every authority with its key and lifetime, JWT keys, and what is odd'
            cand merge 'Merge bundles of one trust domain into one, as a change of roots needs it'
            cand diff 'Compare two bundles: which authorities came, went and stayed, and whether a running istiod takes the change'
            cand convert 'Write a bundle in another form: PEM, or a SPIFFE bundle'
        }
        &'meshsec;help;bundle;show'= {
        }
        &'meshsec;help;bundle;merge'= {
        }
        &'meshsec;help;bundle;diff'= {
        }
        &'meshsec;help;bundle;convert'= {
        }
        &'meshsec;help;ca'= {
            cand init 'Make a root, an intermediate that issues under it, and the ledger of everything they sign'
            cand show 'List the authorities, their states, keys and ends'
            cand intermediate 'Make an issuing authority under the root, one for each cluster'
            cand sign 'Sign a certificate signing request for the identity that is named here'
            cand export 'Write an intermediate for the program that is to sign with it'
            cand install 'Put an intermediate into a cluster, for istiod to sign with'
            cand crl 'Write revocation lists: the complete set that Envoy needs, or one'
            cand verify 'Tell whether istiod would load an authority, and whether the mesh would work with it'
            cand rotate 'Bring in a new root beside the old one, let it sign, and drop the old one'
            cand backup 'Write the ledger and every private key into one encrypted file'
            cand restore 'Make a home from a backup'
        }
        &'meshsec;help;ca;init'= {
        }
        &'meshsec;help;ca;show'= {
        }
        &'meshsec;help;ca;intermediate'= {
        }
        &'meshsec;help;ca;sign'= {
        }
        &'meshsec;help;ca;export'= {
        }
        &'meshsec;help;ca;install'= {
        }
        &'meshsec;help;ca;crl'= {
        }
        &'meshsec;help;ca;verify'= {
        }
        &'meshsec;help;ca;rotate'= {
            cand prepare 'Make a new root with intermediates of the same names; the old ones go on signing'
            cand activate 'Let the prepared root sign; the one that signed becomes old'
            cand taint 'Have everything that an old root signed replaced; it is still trusted'
            cand revoke 'Take a tainted root out of the bundle; nothing under it is trusted any more'
            cand jwt-key 'Bring in a new key for JWT-SVIDs; the old one is published until its last token has expired'
            cand status 'Say where the rotation stands, what still chains to which root, and what comes next'
        }
        &'meshsec;help;ca;rotate;prepare'= {
        }
        &'meshsec;help;ca;rotate;activate'= {
        }
        &'meshsec;help;ca;rotate;taint'= {
        }
        &'meshsec;help;ca;rotate;revoke'= {
        }
        &'meshsec;help;ca;rotate;jwt-key'= {
        }
        &'meshsec;help;ca;rotate;status'= {
        }
        &'meshsec;help;ca;backup'= {
        }
        &'meshsec;help;ca;restore'= {
        }
        &'meshsec;help;svid'= {
            cand issue 'Issue identities to workloads: key, certificate chain and roots'
            cand inspect 'Show certificates in whatever form they come, and what is wrong with them'
            cand install 'Put identities into a cluster: a Secret for each service account, written only when it is due'
            cand verify 'Verify a workload''s chain against the trust bundle of its trust domain'
            cand list 'List the certificates in the ledger, the one that ends first in front'
            cand renew 'Renew certificates that this authority issued: those in directories, or all of the ledger'
            cand revoke 'Revoke certificates, by serial number or by identity'
        }
        &'meshsec;help;svid;issue'= {
        }
        &'meshsec;help;svid;inspect'= {
        }
        &'meshsec;help;svid;install'= {
        }
        &'meshsec;help;svid;verify'= {
        }
        &'meshsec;help;svid;list'= {
        }
        &'meshsec;help;svid;renew'= {
        }
        &'meshsec;help;svid;revoke'= {
        }
        &'meshsec;help;jwk'= {
            cand generate 'Make a key that signs tokens, and publish its public half'
            cand convert 'Turn keys from one format into another: PEM, DER, certificate, JWK, JWK set'
            cand thumbprint 'Print the thumbprint of a key, which is the usual `kid` (RFC 7638)'
            cand set 'Keep a JWK set: add, remove, list and check its keys'
            cand serve 'Serve a key set and OpenID discovery over HTTP: a local issuer for tests'
        }
        &'meshsec;help;jwk;generate'= {
        }
        &'meshsec;help;jwk;convert'= {
        }
        &'meshsec;help;jwk;thumbprint'= {
        }
        &'meshsec;help;jwk;set'= {
            cand add 'Add the public halves of keys to a set'
            cand remove 'Remove keys from a set'
            cand list 'List the keys of a set'
            cand check 'Check a set before it is published, by the standards and as Envoy reads it'
        }
        &'meshsec;help;jwk;set;add'= {
        }
        &'meshsec;help;jwk;set;remove'= {
        }
        &'meshsec;help;jwk;set;list'= {
        }
        &'meshsec;help;jwk;set;check'= {
        }
        &'meshsec;help;jwk;serve'= {
        }
        &'meshsec;help;snapshot'= {
            cand save 'Save a mesh into one file, which every `-f` reads'
            cand show 'Say what a snapshot holds, where it is from, and what it lacks'
        }
        &'meshsec;help;snapshot;save'= {
        }
        &'meshsec;help;snapshot;show'= {
        }
        &'meshsec;help;completion'= {
        }
        &'meshsec;help;man'= {
        }
        &'meshsec;help;version'= {
        }
        &'meshsec;help;help'= {
        }
    ]
    $completions[$command]
}
