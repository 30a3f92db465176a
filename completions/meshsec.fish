# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_meshsec_global_optspecs
    string join \n color= q/quiet h/help V/version
end

function __fish_meshsec_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_meshsec_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_meshsec_using_subcommand
    set -l cmd (__fish_meshsec_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c meshsec -n "__fish_meshsec_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_needs_command" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_needs_command" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "simulate" -d 'Ask what would become of a request'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "policy" -d 'Look at policies themselves'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "jwt" -d 'Mint, inspect and verify JSON Web Tokens'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "bundle" -d 'Look at trust bundles, merge, compare and convert them'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "ca" -d 'Run a certificate authority for a trust domain'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "svid" -d 'Issue, inspect, verify, list and revoke identities of workloads'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "jwk" -d 'Make keys that sign tokens, convert them, publish their public halves'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "snapshot" -d 'Keep a mesh in one file, and ask it later'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "completion" -d 'Print the completion script of a shell, or of kubectl for the plugin'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "man" -d 'Print the manual page, or write one page per command into a directory'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "version" -d 'Print the version, and what its answers were checked against'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch proxy help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch proxy help" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch proxy help" -s h -l help -d 'Print help'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch proxy help" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch proxy help" -f -a "request" -d 'Put one request to the mesh and learn what becomes of it, and why'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch proxy help" -f -a "batch" -d 'Put one request per line to the mesh, in order, on every core'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch proxy help" -f -a "proxy" -d 'Stand before a real application as the sidecar of a workload, with the rules of the manifests'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch proxy help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l request -d 'The whole scenario from a YAML or JSON file, or `-`; flags override its keys' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l from -d 'Caller: `namespace/workload`, or a principal `spiffe://..`; absent: someone outside the mesh' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l from-svid -d 'Chain of the caller\'s certificate: the SPIFFE ID in it is the caller; with `--from`, that workload presents it' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l from-ip -d 'Source address as the destination\'s proxy sees it' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l to -d 'Destination: `service.namespace[:port]` or `namespace/workload[:port]`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l protocol -d 'Application protocol; by the port when absent' -r -f -a "http\t''
http2\t''
grpc\t''
tcp\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s X -l method -d 'Method' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l path -d 'Request target with its query' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l host -d 'Host the caller writes' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s H -l header -d 'Request header `name: value`; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l token -d 'Bearer token, `@FILE`, or `@-` for standard input' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l remote-ip -d 'Original client address as authorization sees it' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l tls -d 'The client\'s side of the connection' -r -f -a "auto\t'What the manifests say'
disable\t'Plaintext'
simple\t'TLS without a client certificate'
mutual\t'Mutual TLS with the caller\'s certificate, without Istio\'s ALPN'
istio-mutual\t'Mutual TLS as a sidecar does it'"
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l sni -d 'Server name the client sends' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l at -d 'Evaluation time, RFC 3339; now when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l ext-authz -d 'What external authorization providers would answer' -r -f -a "allow\t''
deny\t''
error\t''
undetermined\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l jwks -d 'Key set of an issuer or `jwksUri`: a file, or `unreachable`; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s o -l output -d 'Output format' -r -f -a "text\t''
json\t''
jsonl\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l cluster -d 'The live mesh; files go over its objects of the same kind, namespace and name'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l assume-admitted -d 'Take objects that the API server or istiod would refuse as if they were in the mesh'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l fetch-jwks -d 'Fetch every `jwksUri` that no `--jwks` names from the network; a proxy also finds those of issuers by discovery, and fetches them again while it runs, as istiod does'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l explain -d 'Also print every policy that was looked at, and every one that was not, and why'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l from-audit -d 'Instead of scenarios, put the decisions of an audit log of `simulate proxy` to these manifests, and write those that would be others; several files in their order' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l jwks -d 'Key set of an issuer or `jwksUri`: a file, or `unreachable`; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s j -l jobs -d 'Threads; one per core when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s o -l output -d 'Output format' -r -f -a "text\t'One short line each'
json\t'One array'
jsonl\t'One compact object per line'"
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l cluster -d 'The live mesh; files go over its objects of the same kind, namespace and name'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l assume-admitted -d 'Take objects that the API server or istiod would refuse as if they were in the mesh'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l fetch-jwks -d 'Fetch every `jwksUri` that no `--jwks` names from the network; a proxy also finds those of issuers by discovery, and fetches them again while it runs, as istiod does'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l explain -d 'Also write the trace of each decision'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -s w -l workload -d 'The workload: `namespace/name`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l as -d 'Also be the sidecar that a caller\'s own calls go through: a workload or a service account, `namespace/name`. Calls carry its identity, take mutual TLS as DestinationRules and the mesh say, and go to a server only if it is whom the mesh says it is' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l outbound -d 'Where calls are taken: as an HTTP proxy (URLs and CONNECT), as SOCKS5 with names, and as a server for requests whose Host is a service; services have the names they have in the mesh' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l endpoint -d 'Where another process serves a workload\'s port: `shop/web:8080=127.0.0.1:23080`; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l listen -d 'Address to listen on, for one port of the workload or for all: `127.0.0.1`, `80=127.0.0.1:8081`; repeatable. By default 127.0.0.1 and the workload\'s port plus 15000, or any free one; with `--all` the ports from 20000 on, in order of names' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l upstream -d 'Address of the application, for one port of the workload or for all: `127.0.0.1:8080`, `80=localhost:8080`, with `--all` `shop/web:80=localhost:8080`; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l svid-dir -d 'Directory with cert-chain.pem, key.pem and root-cert.pem, as `svid issue --out` writes them; read again when they change' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l crl -d 'Revocation lists of the callers\' authorities, in PEM; read again when they change. With `--home` the last ones that `ca crl` made are used without it. As in Envoy, one list demands a current one of every authority in a caller\'s chain' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l svid-ttl -d 'How long an issued certificate is good; another one is issued after half of it. 24 hours when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l client -d 'Write the files of an identity for a caller to this directory, issued by an authority that ends with this program: for curl and others, when neither `--svid-dir` nor `--home` is given; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l issuer -d 'Intermediate that signs, with `--home`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l jwks -d 'Key set of an issuer or `jwksUri`: a file, or `unreachable`; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l ext-authz -d 'Where an external authorization provider is, `PROVIDER=http://127.0.0.1:9000` or `PROVIDER=grpc://127.0.0.1:9000`, or what is assumed of it, or of all: `allow`, `deny`, `error`; repeatable. One of which nothing is said is one that cannot be reached' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l audit -d 'Append every decision to this file, one JSON object per line, with the facts it was made on; never a query or a token, and no header that `--audit-header` does not name. `simulate batch --from-audit` puts it to other manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l audit-max-size -d 'Begin a new file before this one gets larger: bytes, or with `k`, `M`, `G`. The full one becomes FILE.1, an older one FILE.2 and so on' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l audit-keep -d 'Full files that are kept; the oldest one goes' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l audit-sample -d 'Percentage of decisions that are kept, chosen by their request id: the same id is kept by every proxy or by none. Each line says so. A caller that makes up its own request ids chooses with them' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l audit-header -d 'Also keep this header of each request, as rules see it, so that rules on it can be replayed; repeatable. Never one that holds credentials' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l audit-full -d 'What happens when decisions come faster than they are written' -r -f -a "block\t'Requests wait: no decision goes unwritten'
drop\t'Decisions are not written, and counted'"
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l audit-queue -d 'Decisions that may wait to be written' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l ui -d 'Serve a page here, such as `127.0.0.1:15000`: it shows the mesh, each decision as it happens and why, and sends requests as any workload. Beside it, as Envoy names them: `/ready`, `/stats/prometheus` and `/config_dump`, and `/decisions?since=N` with what was decided of late, as JSON' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l max-connections -d 'Connections at once; more are closed as they arrive' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l max-head-bytes -d 'Bytes of a request\'s head' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l max-headers -d 'Headers of a request' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l max-streams -d 'Streams of one HTTP/2 connection at once' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l idle-timeout -d 'How long a connection may wait for its next request, or for the rest of one\'s head or body' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l drain-timeout -d 'How long requests under way may take when the proxy is to end' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l cluster-as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l cluster -d 'The live mesh; files go over its objects of the same kind, namespace and name'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l assume-admitted -d 'Take objects that the API server or istiod would refuse as if they were in the mesh'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l all -d 'Serve every workload that has a sidecar, each with all its ports'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l passthrough -d 'Call what the mesh does not know on the real network, in the clear, where the mesh lets such calls out (`ALLOW_ANY`). Without it they get 502 as in a mesh that is `REGISTRY_ONLY`'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l echo -d 'Answer with what was received, on every port that no `--upstream` names; with `--all` it is so anyway'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l expose -d 'Listen on addresses that other machines reach: they get what the workload\'s rules let them'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l proxy-protocol -d 'Expect every connection to begin with a PROXY header (version 1): it tells whom the connection is from and to'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l fetch-jwks -d 'Fetch every `jwksUri` that no `--jwks` names from the network; a proxy also finds those of issuers by discovery, and fetches them again while it runs, as istiod does'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l audit-claims -d 'Also keep the claims of verified tokens, so that rules on them can be replayed'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l ui-expose -d 'Let other machines open that page: they see every decision, and send requests as any workload'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -l explain -d 'Also keep the trace of each decision in the audit log'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from proxy" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from help" -f -a "request" -d 'Put one request to the mesh and learn what becomes of it, and why'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from help" -f -a "batch" -d 'Put one request per line to the mesh, in order, on every core'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from help" -f -a "proxy" -d 'Stand before a real application as the sidecar of a workload, with the rules of the manifests'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from check apply delete get diff explain effective translate help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from check apply delete get diff explain effective translate help" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from check apply delete get diff explain effective translate help" -s h -l help -d 'Print help'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from check apply delete get diff explain effective translate help" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from check apply delete get diff explain effective translate help" -f -a "check" -d 'Find what is wrong in manifests, and what will surprise, before they are applied'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from check apply delete get diff explain effective translate help" -f -a "apply" -d 'Apply manifests to a cluster, in an order that opens no hole on the way, with proof of what changes'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from check apply delete get diff explain effective translate help" -f -a "delete" -d 'Remove the objects of manifests from a cluster, in an order that opens no hole on the way'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from check apply delete get diff explain effective translate help" -f -a "get" -d 'List the policies of a cluster, or of files: what each does, to whom, and with how many rules'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from check apply delete get diff explain effective translate help" -f -a "diff" -d 'Show which requests get another verdict between two sets of manifests, and which fields differ'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from check apply delete get diff explain effective translate help" -f -a "explain" -d 'Explain a rule of `policy check`, or policies in plain English'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from check apply delete get diff explain effective translate help" -f -a "effective" -d 'Show everything that decides about the traffic of a workload, in order, and why other objects do not'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from check apply delete get diff explain effective translate help" -f -a "translate" -d 'Print the Envoy configuration that istiod would send to a workload\'s sidecar'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from check apply delete get diff explain effective translate help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -s o -l output -d 'Format, optionally with a file (`sarif=out.sarif`): text, short, json, sarif, junit, github, gitlab, checkstyle; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l fail-on -d 'Lowest level that makes the exit code 1' -r -f -a "error\t''
warning\t''
info\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l max-warnings -d 'Exit with 1 when there are more warnings than this' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l preset -d 'Where levels start from' -r -f -a "admission\t'Only what the API server and istiod refuse or warn about'
default\t'Every rule at its own level'
strict\t'Every rule above info as an error'
all\t'Every rule at its own level, also those that are off unless they are asked for'"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l select -d 'Only these rules: codes, starts of codes or names, separated by commas; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l ignore -d 'Not these rules' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l config -d 'Configuration file; otherwise `meshsec.toml` or `.meshsec.toml`, looked for upward' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l known-namespace -d 'Namespace that is complete in what is given; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l baseline -d 'Findings that are known and do not count' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l add-ignore -d 'Suppress, by comments in the files, what these rules find today; needs --reason' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l reason -d 'Why these suppressions are right; may end in `until 2027-01-31`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l cluster -d 'The live mesh; files go over its objects of the same kind, namespace and name'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l assume-admitted -d 'Take objects that the API server or istiod would refuse as if they were in the mesh'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l info -d 'Show findings of level info too'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l statistics -d 'End with a table of rules and how often each was found'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l show-config -d 'Print the settings and levels that hold, and where each comes from; with --info every rule, with `-o json` as JSON'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l schema -d 'Print the JSON schema of `-o json` and do nothing else'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l exit-zero -d 'Exit with 0 whatever is found'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l require-facts -d 'Exit with 4 when something could not be told for want of input'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l write-baseline -d 'Write what is found to the baseline (`meshsec-baseline.json` unless --baseline names another)'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l prune-baseline -d 'Take out of the baseline what is found no more'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l honor-peers -d 'Honour the annotations that silence `istioctl analyze` and Kiali, for the rules that stand for their codes'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l fix -d 'Repair what is mechanical, in the files; comments and layout stay'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l diff -d 'Show the repairs as a diff and write nothing'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l unsafe-fixes -d 'Also repairs that guess or change which requests pass'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -l watch -d 'Check again whenever a file changes'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l dry-run -d 'Do everything but the writing, asking the server or not' -r -f -a "none\t'Everything is done'
client\t'The server is asked nothing but what is there'
server\t'The server does everything but keep it'"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l expect -d 'Scenarios that have to hold with the change, and on the cluster afterwards: a YAML list or JSON lines, each with `expect`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l timeout -d 'How long to wait at most' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l fail-on -d 'Lowest level of a finding that `policy check` stops at' -r -f -a "error\t''
warning\t''
info\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l config -d 'Configuration file; otherwise `meshsec.toml` or `.meshsec.toml`, looked for upward' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -s o -l output -d 'Output format' -r -f -a "text\t'One line per object: what it is and what became of it'
name\t'One line per object: what it is'
json\t'One document'"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l resume -d 'Bring a run to its end: the latest, or the one named' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l undo -d 'Take a run back: the latest, or the one named' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l applyset -d 'Name of the set that these objects belong to; a `ConfigMap` of this name in the namespace of -n is its parent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -s l -l selector -d 'Labels of objects that may be pruned' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l prune-also -d 'Also prune this object, `KIND/NAME` or `KIND/NAMESPACE/NAME`, though it concerns the whole mesh; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l cluster -d 'The live mesh; files go over its objects of the same kind, namespace and name'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l assume-admitted -d 'Take objects that the API server or istiod would refuse as if they were in the mesh'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l plan-only -d 'Print what would be done, in order and with reasons, and do nothing'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -s y -l yes -d 'Agree to every verdict that changes'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l wait -d 'Wait until the change is served, and in proxies as far as istiod tells'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l skip-check -d 'Apply without `policy check`'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l force-conflicts -d 'Take over fields that other managers have'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l rollback-on-failure -d 'Take everything back when something fails'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -l prune -d 'Remove objects of the set (--applyset) or with the labels (-l) that are in no file any more'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from apply" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l dry-run -d 'Do everything but the writing, asking the server or not' -r -f -a "none\t'Everything is done'
client\t'The server is asked nothing but what is there'
server\t'The server does everything but keep it'"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l expect -d 'Scenarios that have to hold with the change, and on the cluster afterwards: a YAML list or JSON lines, each with `expect`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l timeout -d 'How long to wait at most' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l fail-on -d 'Lowest level of a finding that `policy check` stops at' -r -f -a "error\t''
warning\t''
info\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l config -d 'Configuration file; otherwise `meshsec.toml` or `.meshsec.toml`, looked for upward' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -s o -l output -d 'Output format' -r -f -a "text\t'One line per object: what it is and what became of it'
name\t'One line per object: what it is'
json\t'One document'"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l cluster -d 'The live mesh; files go over its objects of the same kind, namespace and name'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l assume-admitted -d 'Take objects that the API server or istiod would refuse as if they were in the mesh'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l plan-only -d 'Print what would be done, in order and with reasons, and do nothing'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Agree to every verdict that changes'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l wait -d 'Wait until the change is served, and in proxies as far as istiod tells'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -l skip-check -d 'Apply without `policy check`'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from delete" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -s o -l output -d 'Output format' -r -f -a "table\t'A line each'
wide\t'A line each, with what it is about'
yaml\t'YAML'
json\t'JSON'
name\t'Names that kubectl takes'"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -l cluster -d 'The live mesh; files go over its objects of the same kind, namespace and name'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -l assume-admitted -d 'Take objects that the API server or istiod would refuse as if they were in the mesh'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -s A -l all-namespaces -d 'All namespaces'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from get" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -l against -d 'What was before: file, directory, glob or `-`; repeatable. Without it the live mesh of `--cluster` is, and with both they go over it too' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -l fail-on -d 'Fail when something changes in this direction' -r -f -a "opened\t'Something that was refused is allowed'
closed\t'Something that was allowed is refused'
any\t'Any request gets another verdict'"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -s o -l output -d 'Output format' -r -f -a "text\t'Text'
json\t'JSON'
markdown\t'Markdown, for a comment on a pull request'"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -l cluster -d 'The live mesh; files go over its objects of the same kind, namespace and name'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -l assume-admitted -d 'Take objects that the API server or istiod would refuse as if they were in the mesh'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from diff" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -s o -l output -d 'Output format' -r -f -a "text\t'Text'
json\t'JSON'
markdown\t'Markdown; rules only'"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -l cluster -d 'The live mesh; files go over its objects of the same kind, namespace and name'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -l assume-admitted -d 'Take objects that the API server or istiod would refuse as if they were in the mesh'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from explain" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -s w -l workload -d 'The workload: `namespace/name`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -s o -l output -d 'Output format' -r -f -a "text\t'Text'
json\t'JSON'"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -l cluster -d 'The live mesh; files go over its objects of the same kind, namespace and name'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -l assume-admitted -d 'Take objects that the API server or istiod would refuse as if they were in the mesh'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from effective" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s w -l workload -d 'The workload: `namespace/name`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s o -l output -d 'Output format' -r -f -a "yaml\t'YAML'
json\t'JSON'
envoy-bootstrap\t'A static Envoy configuration, as YAML'"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l port -d 'Port the bootstrap listens on, on 127.0.0.1' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l cluster -d 'The live mesh; files go over its objects of the same kind, namespace and name'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l assume-admitted -d 'Take objects that the API server or istiod would refuse as if they were in the mesh'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "check" -d 'Find what is wrong in manifests, and what will surprise, before they are applied'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "apply" -d 'Apply manifests to a cluster, in an order that opens no hole on the way, with proof of what changes'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Remove the objects of manifests from a cluster, in an order that opens no hole on the way'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "get" -d 'List the policies of a cluster, or of files: what each does, to whom, and with how many rules'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Show which requests get another verdict between two sets of manifests, and which fields differ'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "explain" -d 'Explain a rule of `policy check`, or policies in plain English'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "effective" -d 'Show everything that decides about the traffic of a workload, in order, and why other objects do not'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "translate" -d 'Print the Envoy configuration that istiod would send to a workload\'s sidecar'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and not __fish_seen_subcommand_from mint inspect verify request-authentication help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and not __fish_seen_subcommand_from mint inspect verify request-authentication help" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and not __fish_seen_subcommand_from mint inspect verify request-authentication help" -s h -l help -d 'Print help'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and not __fish_seen_subcommand_from mint inspect verify request-authentication help" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and not __fish_seen_subcommand_from mint inspect verify request-authentication help" -f -a "mint" -d 'Mint a token'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and not __fish_seen_subcommand_from mint inspect verify request-authentication help" -f -a "inspect" -d 'Show what a token says, without verifying it'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and not __fish_seen_subcommand_from mint inspect verify request-authentication help" -f -a "verify" -d 'Verify a token, and learn why it is refused'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and not __fish_seen_subcommand_from mint inspect verify request-authentication help" -f -a "request-authentication" -d 'Write the RequestAuthentication that accepts an issuer\'s tokens'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and not __fish_seen_subcommand_from mint inspect verify request-authentication help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l key -d 'Private key: PEM, DER or JWK, or a directory made by `meshsec jwk generate`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l secret-file -d 'Shared secret for HS256, HS384 and HS512: the bytes of this file' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l spiffe-id -d 'Whose it is: SPIFFE ID in the trust domain of the authority' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l service-account -d 'Whose it is: Kubernetes service account `namespace/name`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l kid -d '`kid` of the header; with a directory the key to take' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l alg -d '`alg` of the header; the key\'s usual one when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l iss -d 'Issuer' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l sub -d 'Subject' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l aud -d 'Audience; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l ttl -d 'How long it is valid, such as 5m, 1h, 30d; 1h when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l nbf -d 'When it begins to be valid: RFC 3339, or a duration from now' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l at -d 'Time of issue, RFC 3339; now when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l jti -d '`jti`; random when absent, none when empty' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l claim -d 'Claim that is a string; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l claim-json -d 'Claim that is any JSON value; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l header -d 'Further header member that is a string, such as `typ=at+jwt`; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l allow-hmac -d 'Sign with a shared secret: whoever can verify such a token can also make one'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l svid -d 'A JWT-SVID: signed by the mesh\'s own key, which is kept with the authority and published in its bundle'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -l never-expires -d 'Leave `exp` out: the token can never be taken back'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from mint" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from inspect" -l at -d 'Time to compare with, RFC 3339; now when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from inspect" -s o -l output -d 'Output format' -r -f -a "text\t''
json\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from inspect" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from inspect" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from inspect" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l jwks -d 'Key set of the issuer; with `--request-auth` also `ISSUER=FILE` or `unreachable`, repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l key -d 'Public key: PEM, certificate or JWK; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l secret-file -d 'Shared secret for HS256, HS384 and HS512: the bytes of this file' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l request-auth -d 'Manifests with RequestAuthentications: file, directory, glob or `-`; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l workload -d 'Only the RequestAuthentications that apply to this workload of the manifests' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l policy -d 'Only this RequestAuthentication; all of the files together when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -s n -l namespace -d 'Namespace of documents that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -s H -l header -d 'Request header `name: value` that carries the token, as it is sent; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l path -d 'Request target with the query that carries the token' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l aud -d 'The verifier\'s own name, one of which `aud` must hold; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l iss -d 'The issuer, exactly as the token writes it; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l sub -d 'The subject' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l typ -d 'The kind of token: `typ` of the header, such as `at+jwt`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l alg -d 'Algorithm that is allowed; those of the keys when absent; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l leeway -d 'By how much clocks may differ; the proxy always forgives 60s' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l at -d 'Time to verify at, RFC 3339; now when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -s o -l output -d 'Output format' -r -f -a "text\t''
json\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l assume-admitted -d 'Take policies that the API server or istiod would refuse as if they were in the mesh'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l strict -d 'Judge by the standards instead of the proxy'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l accept-any-audience -d 'Take a token for any audience'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l accept-without-expiry -d 'Take a token that never expires'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -l jwks -d 'Key set to write into the object' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -l key -d 'Public key to write into the object, as a key set of one' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -l jwks-uri -d 'Where istiod fetches the key set' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -l iss -d 'Issuer, exactly as its tokens write it' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -l audience -l audiences -l aud -d 'Audience that is accepted; any when absent; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -l selector -d 'Label of the workloads; the whole namespace when absent; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -s n -l namespace -d 'Namespace of the object; where it is applied when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -l name -d 'Name of the object; by the selector, or `jwt`, when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -l forward -d 'Also give the token to the application'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -l require -d 'Refuse requests without a token of this issuer, by an AuthorizationPolicy'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from request-authentication" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from help" -f -a "mint" -d 'Mint a token'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from help" -f -a "inspect" -d 'Show what a token says, without verifying it'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Verify a token, and learn why it is refused'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from help" -f -a "request-authentication" -d 'Write the RequestAuthentication that accepts an issuer\'s tokens'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwt; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and not __fish_seen_subcommand_from show merge diff convert help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and not __fish_seen_subcommand_from show merge diff convert help" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and not __fish_seen_subcommand_from show merge diff convert help" -s h -l help -d 'Print help'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and not __fish_seen_subcommand_from show merge diff convert help" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and not __fish_seen_subcommand_from show merge diff convert help" -f -a "show" -d 'Show who a trust bundle trusts: every authority with its key and lifetime, JWT keys, and what is odd'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and not __fish_seen_subcommand_from show merge diff convert help" -f -a "merge" -d 'Merge bundles of one trust domain into one, as a change of roots needs it'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and not __fish_seen_subcommand_from show merge diff convert help" -f -a "diff" -d 'Compare two bundles: which authorities came, went and stayed, and whether a running istiod takes the change'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and not __fish_seen_subcommand_from show merge diff convert help" -f -a "convert" -d 'Write a bundle in another form: PEM, or a SPIFFE bundle'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and not __fish_seen_subcommand_from show merge diff convert help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from show" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from show" -l trust-domain -d 'Whose bundle it is, for files that do not say, or which one to take from a map; a name or `spiffe://NAME`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from show" -l at -d 'Time at which lifetimes are judged, RFC 3339; now when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format' -r -f -a "text\t''
json\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from merge" -l trust-domain -d 'Whose bundle it is, for files that do not say, or which one to take from a map; a name or `spiffe://NAME`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from merge" -s o -l output -d 'File to write, replaced in one step; standard output when absent' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from merge" -l format -d 'Form to write' -r -f -a "pem\t'PEM blocks of the X.509 authorities'
spiffe\t'SPIFFE bundle: a JWKS document'"
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from merge" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from merge" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from merge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from merge" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from diff" -l trust-domain -d 'Whose bundle it is, for files that do not say, or which one to take from a map; a name or `spiffe://NAME`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from diff" -s o -l output -d 'Output format' -r -f -a "text\t''
json\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from diff" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from diff" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from convert" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from convert" -l trust-domain -d 'Whose bundle it is, for files that do not say, or which one to take from a map; a name or `spiffe://NAME`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from convert" -l to -d 'Form to write' -r -f -a "pem\t'PEM blocks of the X.509 authorities'
spiffe\t'SPIFFE bundle: a JWKS document'"
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from convert" -s o -l output -d 'File to write, replaced in one step; standard output when absent' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from convert" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from convert" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from convert" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show who a trust bundle trusts: every authority with its key and lifetime, JWT keys, and what is odd'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from help" -f -a "merge" -d 'Merge bundles of one trust domain into one, as a change of roots needs it'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Compare two bundles: which authorities came, went and stayed, and whether a running istiod takes the change'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from help" -f -a "convert" -d 'Write a bundle in another form: PEM, or a SPIFFE bundle'
complete -c meshsec -n "__fish_meshsec_using_subcommand bundle; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -s h -l help -d 'Print help'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -f -a "init" -d 'Make a root, an intermediate that issues under it, and the ledger of everything they sign'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -f -a "show" -d 'List the authorities, their states, keys and ends'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -f -a "intermediate" -d 'Make an issuing authority under the root, one for each cluster'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -f -a "sign" -d 'Sign a certificate signing request for the identity that is named here'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -f -a "export" -d 'Write an intermediate for the program that is to sign with it'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -f -a "install" -d 'Put an intermediate into a cluster, for istiod to sign with'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -f -a "crl" -d 'Write revocation lists: the complete set that Envoy needs, or one'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -f -a "verify" -d 'Tell whether istiod would load an authority, and whether the mesh would work with it'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -f -a "rotate" -d 'Bring in a new root beside the old one, let it sign, and drop the old one'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -f -a "backup" -d 'Write the ledger and every private key into one encrypted file'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -f -a "restore" -d 'Make a home from a backup'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and not __fish_seen_subcommand_from init show intermediate sign export install crl verify rotate backup restore help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -l trust-domain -d 'Whose identities it vouches for, with or without `spiffe://`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -l key-type -d 'Kind of key of root and intermediate: ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, rsa-4096 or ed25519' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -l ttl -d 'Life of the root' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -l intermediate-ttl -d 'Life of the intermediate [default: 2y, or the root\'s when that is shorter]' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -l max-svid-ttl -d 'Longest life a workload\'s certificate may be given' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -s o -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -l insecure-no-password -d 'Write private keys unencrypted: whoever can read the file can sign'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -l constrain -d 'Let the root\'s certificate permit identities of the trust domain only (name constraint on URIs). Envoy, Go and openssl keep to it; rustls, and so perhaps ztunnel, refuses every identity under it'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from init" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from show" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from intermediate" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from intermediate" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from intermediate" -l name -d 'What to call it, such as the cluster\'s name' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from intermediate" -l ttl -d 'Its life; no longer than the root\'s' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from intermediate" -l key-type -d 'Kind of key; the root\'s when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from intermediate" -s o -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from intermediate" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from intermediate" -l constrain -d 'Let its certificate permit identities of the trust domain only (name constraint on URIs). Envoy, Go and openssl keep to it; rustls, and so perhaps ztunnel, refuses every identity under it'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from intermediate" -l replace -d 'Take the place of the intermediate of this name; certificates it signed stay good'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from intermediate" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from intermediate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from intermediate" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -l service-account -d 'Kubernetes service account: `namespace/name`, or `name` in namespace `default`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -l spiffe-id -d 'SPIFFE ID, in the trust domain of this authority' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -l dns -d 'DNS name beside the identity; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -l ip -d 'Address beside the identity; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -l requested-names -d 'What to do with names that the request asks for and was not granted; they are never copied' -r -f -a "refuse\t'Refuse the request, and name them'
ignore\t'Leave them out, and say so, as istiod does in silence'"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -l ttl -d 'Life of the certificate; refused when longer than the authority\'s longest or than its signer lives [default: 24h]' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -l issuer -d 'Intermediate that signs' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -l out -d 'File for the chain, replaced in one step; standard output when absent' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -s o -l output -d 'Output format' -r -f -a "pem\t'The certificate and those above it, without the root'
json\t'Facts, chain and roots'"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from sign" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from export" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from export" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from export" -l name -d 'The intermediate' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from export" -l next-update -d 'How long the revocation lists last' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from export" -l namespace -d 'Namespace of the Secret' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from export" -l for -d 'The program that is to sign' -r -f -a "istio\t'istiod, as Secret `cacerts`'"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from export" -s o -l output -d 'Directory to write, or `k8s` for a Secret `cacerts` on standard output' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from export" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from export" -l crl -d 'Also write the complete set of revocation lists; peers then refuse whoever no list covers'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from export" -l overwrite -d 'Replace files of the same names that something else wrote'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l name -d 'The intermediate' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l next-update -d 'How long the revocation lists last' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l namespace -d 'Namespace of the Secret' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l dry-run -d 'Write nothing: `client` compares with what is there, `server` also asks the API server whether it would take the Secret' -r -f -a "client\t'Compare, and send nothing'
server\t'Let the API server check it, and keep nothing'"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -s o -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l crl -d 'Also write the complete set of revocation lists; peers then refuse whoever no list covers'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l restart -d 'Restart istiod when the Secret was written, as `kubectl rollout restart` does'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l force -d 'Write it although connections will break, and remove keys from the Secret that istiod would take instead'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -l force-conflicts -d 'Take over fields of the Secret that somebody else manages'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from install" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from crl" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from crl" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from crl" -l for -d 'For whom: the complete set, which is also what is written when nothing is named' -r -f -a "istio\t'istiod\'s `ca-crl.pem`'"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from crl" -l name -d 'The list of this authority alone: name or identifier' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from crl" -l next-update -d 'How long until the next list has to be there' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from crl" -l out -d 'File to replace, in one step; standard output when absent' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from crl" -s o -l output -d 'Output format; DER holds one list' -r -f -a "pem\t'Blocks `X509 CRL`, one after another'
der\t'One list, binary'"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from crl" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from crl" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from crl" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from crl" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from verify" -l trust-domain -d 'Trust domain of the mesh, whose identities name constraints must permit' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from verify" -l at -d 'The time to verify at, now when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from verify" -l current -d 'The files a running istiod has loaded: also tell whether it takes the change without a restart' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from verify" -s o -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from verify" -l multi-root -d 'istiod runs with `ISTIO_MULTIROOT_MESH=true`'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from rotate" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from rotate" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from rotate" -f -a "prepare" -d 'Make a new root with intermediates of the same names; the old ones go on signing'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from rotate" -f -a "activate" -d 'Let the prepared root sign; the one that signed becomes old'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from rotate" -f -a "taint" -d 'Have everything that an old root signed replaced; it is still trusted'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from rotate" -f -a "revoke" -d 'Take a tainted root out of the bundle; nothing under it is trusted any more'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from rotate" -f -a "jwt-key" -d 'Bring in a new key for JWT-SVIDs; the old one is published until its last token has expired'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from rotate" -f -a "status" -d 'Say where the rotation stands, what still chains to which root, and what comes next'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from rotate" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from backup" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from backup" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from backup" -s o -l output -d 'File to write' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from backup" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from backup" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from backup" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from restore" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from restore" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from restore" -s o -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from restore" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from restore" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from help" -f -a "init" -d 'Make a root, an intermediate that issues under it, and the ledger of everything they sign'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from help" -f -a "show" -d 'List the authorities, their states, keys and ends'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from help" -f -a "intermediate" -d 'Make an issuing authority under the root, one for each cluster'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from help" -f -a "sign" -d 'Sign a certificate signing request for the identity that is named here'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write an intermediate for the program that is to sign with it'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from help" -f -a "install" -d 'Put an intermediate into a cluster, for istiod to sign with'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from help" -f -a "crl" -d 'Write revocation lists: the complete set that Envoy needs, or one'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Tell whether istiod would load an authority, and whether the mesh would work with it'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Bring in a new root beside the old one, let it sign, and drop the old one'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from help" -f -a "backup" -d 'Write the ledger and every private key into one encrypted file'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from help" -f -a "restore" -d 'Make a home from a backup'
complete -c meshsec -n "__fish_meshsec_using_subcommand ca; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and not __fish_seen_subcommand_from issue inspect install verify list renew revoke help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and not __fish_seen_subcommand_from issue inspect install verify list renew revoke help" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and not __fish_seen_subcommand_from issue inspect install verify list renew revoke help" -s h -l help -d 'Print help'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and not __fish_seen_subcommand_from issue inspect install verify list renew revoke help" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and not __fish_seen_subcommand_from issue inspect install verify list renew revoke help" -f -a "issue" -d 'Issue identities to workloads: key, certificate chain and roots'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and not __fish_seen_subcommand_from issue inspect install verify list renew revoke help" -f -a "inspect" -d 'Show certificates in whatever form they come, and what is wrong with them'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and not __fish_seen_subcommand_from issue inspect install verify list renew revoke help" -f -a "install" -d 'Put identities into a cluster: a Secret for each service account, written only when it is due'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and not __fish_seen_subcommand_from issue inspect install verify list renew revoke help" -f -a "verify" -d 'Verify a workload\'s chain against the trust bundle of its trust domain'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and not __fish_seen_subcommand_from issue inspect install verify list renew revoke help" -f -a "list" -d 'List the certificates in the ledger, the one that ends first in front'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and not __fish_seen_subcommand_from issue inspect install verify list renew revoke help" -f -a "renew" -d 'Renew certificates that this authority issued: those in directories, or all of the ledger'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and not __fish_seen_subcommand_from issue inspect install verify list renew revoke help" -f -a "revoke" -d 'Revoke certificates, by serial number or by identity'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and not __fish_seen_subcommand_from issue inspect install verify list renew revoke help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l service-account -d 'Kubernetes service account: `namespace/name`, or `name` in namespace `default`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l spiffe-id -d 'SPIFFE ID, in the trust domain of this authority' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l dns -d 'DNS name beside the identity; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l ip -d 'Address beside the identity; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l csr -d 'Certificate signing request (PKCS#10, PEM or DER) whose key is certified, or `-`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l requested-names -d 'What to do with names that the request asks for and was not granted; they are never copied' -r -f -a "refuse\t'Refuse the request, and name them'
ignore\t'Leave them out, and say so, as istiod does in silence'"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l ttl -d 'Its life; refused when longer than the authority\'s longest or than its signer lives [default: 24h]' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l key-type -d 'Kind of key to make' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l issuer -d 'Intermediate that signs' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l out -d 'Directory for cert-chain.pem, key.pem and root-cert.pem; with `--all`, of NAMESPACE/ACCOUNT directories' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -s o -l output -d 'Output format' -r -f -a "text\t'What was issued and where; the chain itself when it has no directory'
json\t'Facts, chain and roots; never a private key'
k8s\t'Kubernetes Secrets, private key included'"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l layout -d 'Keys of the Secret [default: citadel]' -r -f -a "citadel\t'Secret `istio.ACCOUNT` of type istio.io/key-and-cert: cert-chain.pem, key.pem, root-cert.pem'
tls\t'Secret `ACCOUNT-svid` of type kubernetes.io/tls: tls.crt, tls.key, ca.crt'"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l cluster -d 'The live mesh; files go over its objects of the same kind, namespace and name'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l assume-admitted -d 'Take objects that the API server or istiod would refuse as if they were in the mesh'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l all -d 'One certificate for each service account found in the manifests'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -l overwrite -d 'Replace files of the same names that something else wrote'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from issue" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from inspect" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from inspect" -l at -d 'The time that counts, RFC 3339; now when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from inspect" -s o -l output -d 'Output format' -r -f -a "text\t''
json\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from inspect" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from inspect" -l fail-on-problems -d 'End with 1 when there are errors or warnings; notes do not count'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from inspect" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from inspect" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l service-account -d 'Service account: `namespace/name`, or `name` in `--namespace`; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -s n -l namespace -d 'Namespace; otherwise that of the context, and with `--all` every one' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l layout -d 'Keys of the Secret' -r -f -a "citadel\t'Secret `istio.ACCOUNT` of type istio.io/key-and-cert: cert-chain.pem, key.pem, root-cert.pem'
tls\t'Secret `ACCOUNT-svid` of type kubernetes.io/tls: tls.crt, tls.key, ca.crt'"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l ratio -d 'Share of the life that must be left, 0 to 1' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l jitter -d 'Largest distance from the ratio, other for each certificate, so that not all renew at once' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l ttl -d 'Life of a certificate; when absent that of the one before, or 24h for the first one' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l key-type -d 'Kind of key to make; when absent that of the one before, or ecdsa-p256 for the first one' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l issuer -d 'Intermediate that signs; when absent the one of the same name as before, or `default` for the first one' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -s o -l output -d 'Output format' -r -f -a "text\t'One line for each Secret'
json\t'For programs; never a private key'"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l all -d 'Every service account of the cluster but those of Kubernetes itself, or of `--namespace`'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l force -d 'Renew also what is not due'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l overwrite -d 'Replace also what another authority issued'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l force-conflicts -d 'Take over fields of the Secrets that somebody else manages'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -l dry-run -d 'Issue nothing and write nothing: say what is due, and whether the API server would take it'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from install" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -l bundle -d 'Trust bundle, PEM, DER, SPIFFE bundle or Secret: `FILE` for the chain\'s own trust domain, or `DOMAIN=FILE`; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -l spiffe-id -d 'The identity it must have' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -l crl -d 'Revocation lists, PEM or DER; repeatable, and a file may hold several' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -l usage -d 'Which side of a connection presents the chain; either when absent, and then no purpose is demanded' -r -f -a "client\t''
server\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -l key -d 'The private key that must belong to the workload\'s certificate' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -l at -d 'The time that counts, RFC 3339; now when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -s o -l output -d 'Output format' -r -f -a "text\t''
json\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -l crl-leaf-only -d 'Look up the revocation of the workload\'s certificate only'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -l strict -d 'Refuse also what departs from the standard and peers take all the same'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from list" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from list" -l expiring-within -d 'Only what ends within this time' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from list" -l spiffe-id -d 'Only this identity' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from list" -s n -l namespace -d 'Only service accounts of this namespace' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from list" -l issuer -d 'Only what this authority signed: name or identifier' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from list" -l state -d 'Only what is in this state' -r -f -a "valid\t''
expired\t''
revoked\t''
all\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format' -r -f -a "table\t'One line each'
json\t'For programs'
jsonl\t'One object a line, for a ledger of any size'"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from list" -l with-authorities -d 'Also roots and intermediates'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l poll -d 'With `--watch`: look for new certificates, rotations and a clock that was set at least this often' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l exec -d 'Command for the shell after each replacement; `$MESHSEC_CERT_DIR` and `$MESHSEC_SPIFFE_ID` tell it which' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l ratio -d 'Share of the life that must be left, 0 to 1' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l jitter -d 'Largest distance from the ratio, other for each certificate, so that not all renew at once' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l ttl -d 'Life of the new certificate; as long as the one before when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l key-type -d 'Kind of key to make; as before when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l issuer -d 'Intermediate that signs; the one of the same name that signs now when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l service-account -d 'Kubernetes service account: `namespace/name`, or `name` in namespace `default`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l spiffe-id -d 'SPIFFE ID, in the trust domain of this authority' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l dns -d 'DNS name beside the identity; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l ip -d 'Address beside the identity; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -s o -l output -d 'Output format' -r -f -a "text\t'One line for each directory'
json\t'For programs'"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l all -d 'Every directory that the ledger knows'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l check -d 'Change nothing and say what needs renewal: exit code 0 when something does, 1 when nothing does'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l watch -d 'Keep running and renew in time, until a signal comes'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l force -d 'Renew also what is not due'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l reuse-key -d 'Certify the present key again instead of making a new one'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -l overwrite -d 'Replace files of the same names that something else wrote'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from renew" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from revoke" -l home -d 'The authority\'s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from revoke" -l serial -d 'Serial number in hex, of a workload or an intermediate' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from revoke" -l spiffe-id -d 'Every valid certificate of this identity' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from revoke" -l reason -d 'Why: unspecified, key-compromise, ca-compromise, affiliation-changed, superseded, cessation-of-operation, certificate-hold, privilege-withdrawn or aa-compromise' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from revoke" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from revoke" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from help" -f -a "issue" -d 'Issue identities to workloads: key, certificate chain and roots'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from help" -f -a "inspect" -d 'Show certificates in whatever form they come, and what is wrong with them'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from help" -f -a "install" -d 'Put identities into a cluster: a Secret for each service account, written only when it is due'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Verify a workload\'s chain against the trust bundle of its trust domain'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the certificates in the ledger, the one that ends first in front'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from help" -f -a "renew" -d 'Renew certificates that this authority issued: those in directories, or all of the ledger'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Revoke certificates, by serial number or by identity'
complete -c meshsec -n "__fish_meshsec_using_subcommand svid; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and not __fish_seen_subcommand_from generate convert thumbprint set serve help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and not __fish_seen_subcommand_from generate convert thumbprint set serve help" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and not __fish_seen_subcommand_from generate convert thumbprint set serve help" -s h -l help -d 'Print help'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and not __fish_seen_subcommand_from generate convert thumbprint set serve help" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and not __fish_seen_subcommand_from generate convert thumbprint set serve help" -f -a "generate" -d 'Make a key that signs tokens, and publish its public half'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and not __fish_seen_subcommand_from generate convert thumbprint set serve help" -f -a "convert" -d 'Turn keys from one format into another: PEM, DER, certificate, JWK, JWK set'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and not __fish_seen_subcommand_from generate convert thumbprint set serve help" -f -a "thumbprint" -d 'Print the thumbprint of a key, which is the usual `kid` (RFC 7638)'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and not __fish_seen_subcommand_from generate convert thumbprint set serve help" -f -a "set" -d 'Keep a JWK set: add, remove, list and check its keys'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and not __fish_seen_subcommand_from generate convert thumbprint set serve help" -f -a "serve" -d 'Serve a key set and OpenID discovery over HTTP: a local issuer for tests'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and not __fish_seen_subcommand_from generate convert thumbprint set serve help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from generate" -l alg -d 'Algorithm the key is for' -r -f -a "ES256\t''
ES384\t''
ES512\t''
HS256\t''
HS384\t''
HS512\t''
RS256\t''
RS384\t''
RS512\t''
PS256\t''
PS384\t''
PS512\t''
EdDSA\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from generate" -l size -d 'Bits of an RSA key' -r -f -a "2048\t''
3072\t''
4096\t''
8192\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from generate" -l kid -d 'Identifier of the key, `kid`; its thumbprint when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from generate" -l new-password-file -d 'File with the passphrase to encrypt the private key under' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from generate" -l out -d 'Directory to write, made when it is missing' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from generate" -s o -l output -d 'Output format' -r -f -a "text\t''
json\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from generate" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from generate" -l encrypt -d 'Encrypt the private key; its passphrase comes from `--new-password-file`, else `$MESHSEC_PASSWORD`, else a prompt'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from generate" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from generate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from generate" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l kid -d '`kid` of the key' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l alg -d '`alg` of the key' -r -f -a "ES256\t''
ES384\t''
ES512\t''
HS256\t''
HS384\t''
HS512\t''
RS256\t''
RS384\t''
RS512\t''
PS256\t''
PS384\t''
PS512\t''
EdDSA\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l use -d '`use` of the key: sig or enc' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l new-password-file -d 'File with the passphrase to encrypt the private key under' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l form -d 'Structure inside PEM' -r -f -a "pkcs8\t'PKCS#8 and SPKI, for every key'
pkcs1\t'PKCS#1, for RSA'
sec1\t'SEC 1, for private keys on elliptic curves'"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l out -d 'File to write instead of standard output; one with a private key is for its owner alone (0600)' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -s o -l output -d 'Output format; `jwk` from PEM and DER, `pem` from JWK and sets when absent' -r -f -a "jwk\t'One JWK'
jwks\t'A JWK set'
pem\t'PEM blocks'
text\t'Facts about the keys, in words'
json\t'Facts about the keys, for programs'"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l repair -d 'Correct lost zeros, padding and other spelling mistakes of a JWK instead of refusing it'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l no-kid -d 'Write no `kid`'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l no-alg -d 'Write no `alg`'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l show-private -d 'Write the private key, or secret, too'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l encrypt -d 'Encrypt the private key; its passphrase comes from `--new-password-file`, else `$MESHSEC_PASSWORD`, else a prompt'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -l overwrite -d 'Replace the file if it exists'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from convert" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from thumbprint" -l password-file -d 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from thumbprint" -l hash -d 'Digest' -r -f -a "sha-256\t''
sha-384\t''
sha-512\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from thumbprint" -s o -l output -d 'Output format' -r -f -a "text\t''
json\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from thumbprint" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from thumbprint" -l repair -d 'Correct lost zeros, padding and other spelling mistakes of a JWK instead of refusing it'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from thumbprint" -l uri -d 'Print the URI form (RFC 9278)'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from thumbprint" -l kubernetes -d 'Print the `kid` of Kubernetes\' API server instead: SHA-256 of the public key in DER'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from thumbprint" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from thumbprint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from thumbprint" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from set" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from set" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from set" -f -a "add" -d 'Add the public halves of keys to a set'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from set" -f -a "remove" -d 'Remove keys from a set'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from set" -f -a "list" -d 'List the keys of a set'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from set" -f -a "check" -d 'Check a set before it is published, by the standards and as Envoy reads it'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from set" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from serve" -l dir -d 'Directory with `jwks.json`, as `jwk generate` writes it' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from serve" -l listen -d 'Address to listen on; port 0 takes a free one' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from serve" -l issuer -d 'Issuer that the discovery document names; `http://ADDRESS` when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from serve" -l max-age -d 'How long clients may keep the set' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from serve" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from serve" -l allow-remote -d 'Listen on an address that other machines can reach; there is no TLS'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from serve" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from serve" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from help" -f -a "generate" -d 'Make a key that signs tokens, and publish its public half'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from help" -f -a "convert" -d 'Turn keys from one format into another: PEM, DER, certificate, JWK, JWK set'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from help" -f -a "thumbprint" -d 'Print the thumbprint of a key, which is the usual `kid` (RFC 7638)'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from help" -f -a "set" -d 'Keep a JWK set: add, remove, list and check its keys'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from help" -f -a "serve" -d 'Serve a key set and OpenID discovery over HTTP: a local issuer for tests'
complete -c meshsec -n "__fish_meshsec_using_subcommand jwk; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and not __fish_seen_subcommand_from save show help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and not __fish_seen_subcommand_from save show help" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and not __fish_seen_subcommand_from save show help" -s h -l help -d 'Print help'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and not __fish_seen_subcommand_from save show help" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and not __fish_seen_subcommand_from save show help" -f -a "save" -d 'Save a mesh into one file, which every `-f` reads'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and not __fish_seen_subcommand_from save show help" -f -a "show" -d 'Say what a snapshot holds, where it is from, and what it lacks'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and not __fish_seen_subcommand_from save show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s o -l output -d 'File to write, compressed when it ends in `.gz`; `-` for standard output' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s f -l filename -d 'Manifests instead of the cluster: file, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s n -l namespace -d 'Only this namespace and istio-system; repeatable. With `-f` alone, the namespace of documents that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -l kubeconfig -d 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -l context -d 'Context of the kubeconfig' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -l as -d 'User to act as' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -l as-group -d 'Group to act in; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -l request-timeout -d 'How long one request may take, otherwise a minute; `0` for as long as it wants' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -l overwrite -d 'Replace a file that is no snapshot'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -l cluster -d 'The live mesh with the manifests over it'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s A -l all-namespaces -d 'Every namespace, as when none is named'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from help" -f -a "save" -d 'Save a mesh into one file, which every `-f` reads'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from help" -f -a "show" -d 'Say what a snapshot holds, where it is from, and what it lacks'
complete -c meshsec -n "__fish_meshsec_using_subcommand snapshot; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand completion" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand completion" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand completion" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand completion" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand man" -l out -d 'Directory to write the pages into' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand man" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand man" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand man" -s h -l help -d 'Print help'
complete -c meshsec -n "__fish_meshsec_using_subcommand man" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand version" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand version" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand version" -s h -l help -d 'Print help'
complete -c meshsec -n "__fish_meshsec_using_subcommand version" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy jwt bundle ca svid jwk snapshot completion man version help" -f -a "simulate" -d 'Ask what would become of a request'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy jwt bundle ca svid jwk snapshot completion man version help" -f -a "policy" -d 'Look at policies themselves'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy jwt bundle ca svid jwk snapshot completion man version help" -f -a "jwt" -d 'Mint, inspect and verify JSON Web Tokens'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy jwt bundle ca svid jwk snapshot completion man version help" -f -a "bundle" -d 'Look at trust bundles, merge, compare and convert them'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy jwt bundle ca svid jwk snapshot completion man version help" -f -a "ca" -d 'Run a certificate authority for a trust domain'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy jwt bundle ca svid jwk snapshot completion man version help" -f -a "svid" -d 'Issue, inspect, verify, list and revoke identities of workloads'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy jwt bundle ca svid jwk snapshot completion man version help" -f -a "jwk" -d 'Make keys that sign tokens, convert them, publish their public halves'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy jwt bundle ca svid jwk snapshot completion man version help" -f -a "snapshot" -d 'Keep a mesh in one file, and ask it later'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy jwt bundle ca svid jwk snapshot completion man version help" -f -a "completion" -d 'Print the completion script of a shell, or of kubectl for the plugin'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy jwt bundle ca svid jwk snapshot completion man version help" -f -a "man" -d 'Print the manual page, or write one page per command into a directory'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy jwt bundle ca svid jwk snapshot completion man version help" -f -a "version" -d 'Print the version, and what its answers were checked against'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy jwt bundle ca svid jwk snapshot completion man version help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from simulate" -f -a "request" -d 'Put one request to the mesh and learn what becomes of it, and why'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from simulate" -f -a "batch" -d 'Put one request per line to the mesh, in order, on every core'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from simulate" -f -a "proxy" -d 'Stand before a real application as the sidecar of a workload, with the rules of the manifests'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "check" -d 'Find what is wrong in manifests, and what will surprise, before they are applied'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "apply" -d 'Apply manifests to a cluster, in an order that opens no hole on the way, with proof of what changes'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "delete" -d 'Remove the objects of manifests from a cluster, in an order that opens no hole on the way'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "get" -d 'List the policies of a cluster, or of files: what each does, to whom, and with how many rules'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "diff" -d 'Show which requests get another verdict between two sets of manifests, and which fields differ'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "explain" -d 'Explain a rule of `policy check`, or policies in plain English'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "effective" -d 'Show everything that decides about the traffic of a workload, in order, and why other objects do not'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "translate" -d 'Print the Envoy configuration that istiod would send to a workload\'s sidecar'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from jwt" -f -a "mint" -d 'Mint a token'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from jwt" -f -a "inspect" -d 'Show what a token says, without verifying it'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from jwt" -f -a "verify" -d 'Verify a token, and learn why it is refused'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from jwt" -f -a "request-authentication" -d 'Write the RequestAuthentication that accepts an issuer\'s tokens'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from bundle" -f -a "show" -d 'Show who a trust bundle trusts: every authority with its key and lifetime, JWT keys, and what is odd'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from bundle" -f -a "merge" -d 'Merge bundles of one trust domain into one, as a change of roots needs it'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from bundle" -f -a "diff" -d 'Compare two bundles: which authorities came, went and stayed, and whether a running istiod takes the change'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from bundle" -f -a "convert" -d 'Write a bundle in another form: PEM, or a SPIFFE bundle'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from ca" -f -a "init" -d 'Make a root, an intermediate that issues under it, and the ledger of everything they sign'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from ca" -f -a "show" -d 'List the authorities, their states, keys and ends'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from ca" -f -a "intermediate" -d 'Make an issuing authority under the root, one for each cluster'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from ca" -f -a "sign" -d 'Sign a certificate signing request for the identity that is named here'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from ca" -f -a "export" -d 'Write an intermediate for the program that is to sign with it'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from ca" -f -a "install" -d 'Put an intermediate into a cluster, for istiod to sign with'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from ca" -f -a "crl" -d 'Write revocation lists: the complete set that Envoy needs, or one'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from ca" -f -a "verify" -d 'Tell whether istiod would load an authority, and whether the mesh would work with it'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from ca" -f -a "rotate" -d 'Bring in a new root beside the old one, let it sign, and drop the old one'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from ca" -f -a "backup" -d 'Write the ledger and every private key into one encrypted file'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from ca" -f -a "restore" -d 'Make a home from a backup'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from svid" -f -a "issue" -d 'Issue identities to workloads: key, certificate chain and roots'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from svid" -f -a "inspect" -d 'Show certificates in whatever form they come, and what is wrong with them'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from svid" -f -a "install" -d 'Put identities into a cluster: a Secret for each service account, written only when it is due'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from svid" -f -a "verify" -d 'Verify a workload\'s chain against the trust bundle of its trust domain'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from svid" -f -a "list" -d 'List the certificates in the ledger, the one that ends first in front'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from svid" -f -a "renew" -d 'Renew certificates that this authority issued: those in directories, or all of the ledger'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from svid" -f -a "revoke" -d 'Revoke certificates, by serial number or by identity'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from jwk" -f -a "generate" -d 'Make a key that signs tokens, and publish its public half'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from jwk" -f -a "convert" -d 'Turn keys from one format into another: PEM, DER, certificate, JWK, JWK set'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from jwk" -f -a "thumbprint" -d 'Print the thumbprint of a key, which is the usual `kid` (RFC 7638)'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from jwk" -f -a "set" -d 'Keep a JWK set: add, remove, list and check its keys'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from jwk" -f -a "serve" -d 'Serve a key set and OpenID discovery over HTTP: a local issuer for tests'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from snapshot" -f -a "save" -d 'Save a mesh into one file, which every `-f` reads'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from snapshot" -f -a "show" -d 'Say what a snapshot holds, where it is from, and what it lacks'
