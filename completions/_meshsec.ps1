
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'meshsec' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'meshsec'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'meshsec' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('simulate', 'simulate', [CompletionResultType]::ParameterValue, 'Ask what would become of a request')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'Look at policies themselves')
            [CompletionResult]::new('jwt', 'jwt', [CompletionResultType]::ParameterValue, 'Mint, inspect and verify JSON Web Tokens')
            [CompletionResult]::new('bundle', 'bundle', [CompletionResultType]::ParameterValue, 'Look at trust bundles, merge, compare and convert them')
            [CompletionResult]::new('ca', 'ca', [CompletionResultType]::ParameterValue, 'Run a certificate authority for a trust domain')
            [CompletionResult]::new('svid', 'svid', [CompletionResultType]::ParameterValue, 'Issue, inspect, verify, list and revoke identities of workloads')
            [CompletionResult]::new('jwk', 'jwk', [CompletionResultType]::ParameterValue, 'Make keys that sign tokens, convert them, publish their public halves')
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Keep a mesh in one file, and ask it later')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell, or of kubectl for the plugin')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, or write one page per command into a directory')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version, and what its answers were checked against')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;simulate' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('request', 'request', [CompletionResultType]::ParameterValue, 'Put one request to the mesh and learn what becomes of it, and why')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Put one request per line to the mesh, in order, on every core')
            [CompletionResult]::new('proxy', 'proxy', [CompletionResultType]::ParameterValue, 'Stand before a real application as the sidecar of a workload, with the rules of the manifests')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;simulate;request' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('--kustomize', '--kustomize', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--mesh-config', '--mesh-config', [CompletionResultType]::ParameterName, 'Mesh configuration (the content of key `mesh`), overrides the manifests')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Feature flag of istiod, as in its environment; repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('--request', '--request', [CompletionResultType]::ParameterName, 'The whole scenario from a YAML or JSON file, or `-`; flags override its keys')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Caller: `namespace/workload`, or a principal `spiffe://..`; absent: someone outside the mesh')
            [CompletionResult]::new('--from-svid', '--from-svid', [CompletionResultType]::ParameterName, 'Chain of the caller''s certificate: the SPIFFE ID in it is the caller; with `--from`, that workload presents it')
            [CompletionResult]::new('--from-ip', '--from-ip', [CompletionResultType]::ParameterName, 'Source address as the destination''s proxy sees it')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Destination: `service.namespace[:port]` or `namespace/workload[:port]`')
            [CompletionResult]::new('--protocol', '--protocol', [CompletionResultType]::ParameterName, 'Application protocol; by the port when absent')
            [CompletionResult]::new('-X', '-X ', [CompletionResultType]::ParameterName, 'Method')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'Method')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Request target with its query')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Host the caller writes')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Request header `name: value`; repeatable')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Request header `name: value`; repeatable')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Bearer token, `@FILE`, or `@-` for standard input')
            [CompletionResult]::new('--remote-ip', '--remote-ip', [CompletionResultType]::ParameterName, 'Original client address as authorization sees it')
            [CompletionResult]::new('--tls', '--tls', [CompletionResultType]::ParameterName, 'The client''s side of the connection')
            [CompletionResult]::new('--sni', '--sni', [CompletionResultType]::ParameterName, 'Server name the client sends')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Evaluation time, RFC 3339; now when absent')
            [CompletionResult]::new('--ext-authz', '--ext-authz', [CompletionResultType]::ParameterName, 'What external authorization providers would answer')
            [CompletionResult]::new('--jwks', '--jwks', [CompletionResultType]::ParameterName, 'Key set of an issuer or `jwksUri`: a file, or `unreachable`; repeatable')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The live mesh; files go over its objects of the same kind, namespace and name')
            [CompletionResult]::new('--assume-admitted', '--assume-admitted', [CompletionResultType]::ParameterName, 'Take objects that the API server or istiod would refuse as if they were in the mesh')
            [CompletionResult]::new('--fetch-jwks', '--fetch-jwks', [CompletionResultType]::ParameterName, 'Fetch every `jwksUri` that no `--jwks` names from the network; a proxy also finds those of issuers by discovery, and fetches them again while it runs, as istiod does')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Also print every policy that was looked at, and every one that was not, and why')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;simulate;batch' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('--kustomize', '--kustomize', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--mesh-config', '--mesh-config', [CompletionResultType]::ParameterName, 'Mesh configuration (the content of key `mesh`), overrides the manifests')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Feature flag of istiod, as in its environment; repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('--from-audit', '--from-audit', [CompletionResultType]::ParameterName, 'Instead of scenarios, put the decisions of an audit log of `simulate proxy` to these manifests, and write those that would be others; several files in their order')
            [CompletionResult]::new('--jwks', '--jwks', [CompletionResultType]::ParameterName, 'Key set of an issuer or `jwksUri`: a file, or `unreachable`; repeatable')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads; one per core when absent')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Threads; one per core when absent')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The live mesh; files go over its objects of the same kind, namespace and name')
            [CompletionResult]::new('--assume-admitted', '--assume-admitted', [CompletionResultType]::ParameterName, 'Take objects that the API server or istiod would refuse as if they were in the mesh')
            [CompletionResult]::new('--fetch-jwks', '--fetch-jwks', [CompletionResultType]::ParameterName, 'Fetch every `jwksUri` that no `--jwks` names from the network; a proxy also finds those of issuers by discovery, and fetches them again while it runs, as istiod does')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Also write the trace of each decision')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;simulate;proxy' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('--kustomize', '--kustomize', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--mesh-config', '--mesh-config', [CompletionResultType]::ParameterName, 'Mesh configuration (the content of key `mesh`), overrides the manifests')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Feature flag of istiod, as in its environment; repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'The workload: `namespace/name`')
            [CompletionResult]::new('--workload', '--workload', [CompletionResultType]::ParameterName, 'The workload: `namespace/name`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Also be the sidecar that a caller''s own calls go through: a workload or a service account, `namespace/name`. Calls carry its identity, take mutual TLS as DestinationRules and the mesh say, and go to a server only if it is whom the mesh says it is')
            [CompletionResult]::new('--outbound', '--outbound', [CompletionResultType]::ParameterName, 'Where calls are taken: as an HTTP proxy (URLs and CONNECT), as SOCKS5 with names, and as a server for requests whose Host is a service; services have the names they have in the mesh')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'Where another process serves a workload''s port: `shop/web:8080=127.0.0.1:23080`; repeatable')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Address to listen on, for one port of the workload or for all: `127.0.0.1`, `80=127.0.0.1:8081`; repeatable. By default 127.0.0.1 and the workload''s port plus 15000, or any free one; with `--all` the ports from 20000 on, in order of names')
            [CompletionResult]::new('--upstream', '--upstream', [CompletionResultType]::ParameterName, 'Address of the application, for one port of the workload or for all: `127.0.0.1:8080`, `80=localhost:8080`, with `--all` `shop/web:80=localhost:8080`; repeatable')
            [CompletionResult]::new('--svid-dir', '--svid-dir', [CompletionResultType]::ParameterName, 'Directory with cert-chain.pem, key.pem and root-cert.pem, as `svid issue --out` writes them; read again when they change')
            [CompletionResult]::new('--crl', '--crl', [CompletionResultType]::ParameterName, 'Revocation lists of the callers'' authorities, in PEM; read again when they change. With `--home` the last ones that `ca crl` made are used without it. As in Envoy, one list demands a current one of every authority in a caller''s chain')
            [CompletionResult]::new('--svid-ttl', '--svid-ttl', [CompletionResultType]::ParameterName, 'How long an issued certificate is good; another one is issued after half of it. 24 hours when absent')
            [CompletionResult]::new('--client', '--client', [CompletionResultType]::ParameterName, 'Write the files of an identity for a caller to this directory, issued by an authority that ends with this program: for curl and others, when neither `--svid-dir` nor `--home` is given; repeatable')
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Intermediate that signs, with `--home`')
            [CompletionResult]::new('--jwks', '--jwks', [CompletionResultType]::ParameterName, 'Key set of an issuer or `jwksUri`: a file, or `unreachable`; repeatable')
            [CompletionResult]::new('--ext-authz', '--ext-authz', [CompletionResultType]::ParameterName, 'Where an external authorization provider is, `PROVIDER=http://127.0.0.1:9000` or `PROVIDER=grpc://127.0.0.1:9000`, or what is assumed of it, or of all: `allow`, `deny`, `error`; repeatable. One of which nothing is said is one that cannot be reached')
            [CompletionResult]::new('--audit', '--audit', [CompletionResultType]::ParameterName, 'Append every decision to this file, one JSON object per line, with the facts it was made on; never a query or a token, and no header that `--audit-header` does not name. `simulate batch --from-audit` puts it to other manifests')
            [CompletionResult]::new('--audit-max-size', '--audit-max-size', [CompletionResultType]::ParameterName, 'Begin a new file before this one gets larger: bytes, or with `k`, `M`, `G`. The full one becomes FILE.1, an older one FILE.2 and so on')
            [CompletionResult]::new('--audit-keep', '--audit-keep', [CompletionResultType]::ParameterName, 'Full files that are kept; the oldest one goes')
            [CompletionResult]::new('--audit-sample', '--audit-sample', [CompletionResultType]::ParameterName, 'Percentage of decisions that are kept, chosen by their request id: the same id is kept by every proxy or by none. Each line says so. A caller that makes up its own request ids chooses with them')
            [CompletionResult]::new('--audit-header', '--audit-header', [CompletionResultType]::ParameterName, 'Also keep this header of each request, as rules see it, so that rules on it can be replayed; repeatable. Never one that holds credentials')
            [CompletionResult]::new('--audit-full', '--audit-full', [CompletionResultType]::ParameterName, 'What happens when decisions come faster than they are written')
            [CompletionResult]::new('--audit-queue', '--audit-queue', [CompletionResultType]::ParameterName, 'Decisions that may wait to be written')
            [CompletionResult]::new('--ui', '--ui', [CompletionResultType]::ParameterName, 'Serve a page here, such as `127.0.0.1:15000`: it shows the mesh, each decision as it happens and why, and sends requests as any workload. Beside it, as Envoy names them: `/ready`, `/stats/prometheus` and `/config_dump`, and `/decisions?since=N` with what was decided of late, as JSON')
            [CompletionResult]::new('--max-connections', '--max-connections', [CompletionResultType]::ParameterName, 'Connections at once; more are closed as they arrive')
            [CompletionResult]::new('--max-head-bytes', '--max-head-bytes', [CompletionResultType]::ParameterName, 'Bytes of a request''s head')
            [CompletionResult]::new('--max-headers', '--max-headers', [CompletionResultType]::ParameterName, 'Headers of a request')
            [CompletionResult]::new('--max-streams', '--max-streams', [CompletionResultType]::ParameterName, 'Streams of one HTTP/2 connection at once')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long a connection may wait for its next request, or for the rest of one''s head or body')
            [CompletionResult]::new('--drain-timeout', '--drain-timeout', [CompletionResultType]::ParameterName, 'How long requests under way may take when the proxy is to end')
            [CompletionResult]::new('--cluster-as', '--cluster-as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The live mesh; files go over its objects of the same kind, namespace and name')
            [CompletionResult]::new('--assume-admitted', '--assume-admitted', [CompletionResultType]::ParameterName, 'Take objects that the API server or istiod would refuse as if they were in the mesh')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Serve every workload that has a sidecar, each with all its ports')
            [CompletionResult]::new('--passthrough', '--passthrough', [CompletionResultType]::ParameterName, 'Call what the mesh does not know on the real network, in the clear, where the mesh lets such calls out (`ALLOW_ANY`). Without it they get 502 as in a mesh that is `REGISTRY_ONLY`')
            [CompletionResult]::new('--echo', '--echo', [CompletionResultType]::ParameterName, 'Answer with what was received, on every port that no `--upstream` names; with `--all` it is so anyway')
            [CompletionResult]::new('--expose', '--expose', [CompletionResultType]::ParameterName, 'Listen on addresses that other machines reach: they get what the workload''s rules let them')
            [CompletionResult]::new('--proxy-protocol', '--proxy-protocol', [CompletionResultType]::ParameterName, 'Expect every connection to begin with a PROXY header (version 1): it tells whom the connection is from and to')
            [CompletionResult]::new('--fetch-jwks', '--fetch-jwks', [CompletionResultType]::ParameterName, 'Fetch every `jwksUri` that no `--jwks` names from the network; a proxy also finds those of issuers by discovery, and fetches them again while it runs, as istiod does')
            [CompletionResult]::new('--audit-claims', '--audit-claims', [CompletionResultType]::ParameterName, 'Also keep the claims of verified tokens, so that rules on them can be replayed')
            [CompletionResult]::new('--ui-expose', '--ui-expose', [CompletionResultType]::ParameterName, 'Let other machines open that page: they see every decision, and send requests as any workload')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Also keep the trace of each decision in the audit log')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;simulate;help' {
            [CompletionResult]::new('request', 'request', [CompletionResultType]::ParameterValue, 'Put one request to the mesh and learn what becomes of it, and why')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Put one request per line to the mesh, in order, on every core')
            [CompletionResult]::new('proxy', 'proxy', [CompletionResultType]::ParameterValue, 'Stand before a real application as the sidecar of a workload, with the rules of the manifests')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;simulate;help;request' {
            break
        }
        'meshsec;simulate;help;batch' {
            break
        }
        'meshsec;simulate;help;proxy' {
            break
        }
        'meshsec;simulate;help;help' {
            break
        }
        'meshsec;policy' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find what is wrong in manifests, and what will surprise, before they are applied')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Apply manifests to a cluster, in an order that opens no hole on the way, with proof of what changes')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Remove the objects of manifests from a cluster, in an order that opens no hole on the way')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'List the policies of a cluster, or of files: what each does, to whom, and with how many rules')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show which requests get another verdict between two sets of manifests, and which fields differ')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a rule of `policy check`, or policies in plain English')
            [CompletionResult]::new('effective', 'effective', [CompletionResultType]::ParameterValue, 'Show everything that decides about the traffic of a workload, in order, and why other objects do not')
            [CompletionResult]::new('translate', 'translate', [CompletionResultType]::ParameterValue, 'Print the Envoy configuration that istiod would send to a workload''s sidecar')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;policy;check' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('--kustomize', '--kustomize', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--mesh-config', '--mesh-config', [CompletionResultType]::ParameterName, 'Mesh configuration (the content of key `mesh`), overrides the manifests')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Feature flag of istiod, as in its environment; repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format, optionally with a file (`sarif=out.sarif`): text, short, json, sarif, junit, github, gitlab, checkstyle; repeatable')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format, optionally with a file (`sarif=out.sarif`): text, short, json, sarif, junit, github, gitlab, checkstyle; repeatable')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Lowest level that makes the exit code 1')
            [CompletionResult]::new('--max-warnings', '--max-warnings', [CompletionResultType]::ParameterName, 'Exit with 1 when there are more warnings than this')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Where levels start from')
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Only these rules: codes, starts of codes or names, separated by commas; repeatable')
            [CompletionResult]::new('--ignore', '--ignore', [CompletionResultType]::ParameterName, 'Not these rules')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file; otherwise `meshsec.toml` or `.meshsec.toml`, looked for upward')
            [CompletionResult]::new('--known-namespace', '--known-namespace', [CompletionResultType]::ParameterName, 'Namespace that is complete in what is given; repeatable')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Findings that are known and do not count')
            [CompletionResult]::new('--add-ignore', '--add-ignore', [CompletionResultType]::ParameterName, 'Suppress, by comments in the files, what these rules find today; needs --reason')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why these suppressions are right; may end in `until 2027-01-31`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The live mesh; files go over its objects of the same kind, namespace and name')
            [CompletionResult]::new('--assume-admitted', '--assume-admitted', [CompletionResultType]::ParameterName, 'Take objects that the API server or istiod would refuse as if they were in the mesh')
            [CompletionResult]::new('--info', '--info', [CompletionResultType]::ParameterName, 'Show findings of level info too')
            [CompletionResult]::new('--statistics', '--statistics', [CompletionResultType]::ParameterName, 'End with a table of rules and how often each was found')
            [CompletionResult]::new('--show-config', '--show-config', [CompletionResultType]::ParameterName, 'Print the settings and levels that hold, and where each comes from; with --info every rule, with `-o json` as JSON')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Print the JSON schema of `-o json` and do nothing else')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit with 0 whatever is found')
            [CompletionResult]::new('--require-facts', '--require-facts', [CompletionResultType]::ParameterName, 'Exit with 4 when something could not be told for want of input')
            [CompletionResult]::new('--write-baseline', '--write-baseline', [CompletionResultType]::ParameterName, 'Write what is found to the baseline (`meshsec-baseline.json` unless --baseline names another)')
            [CompletionResult]::new('--prune-baseline', '--prune-baseline', [CompletionResultType]::ParameterName, 'Take out of the baseline what is found no more')
            [CompletionResult]::new('--honor-peers', '--honor-peers', [CompletionResultType]::ParameterName, 'Honour the annotations that silence `istioctl analyze` and Kiali, for the rules that stand for their codes')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Repair what is mechanical, in the files; comments and layout stay')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show the repairs as a diff and write nothing')
            [CompletionResult]::new('--unsafe-fixes', '--unsafe-fixes', [CompletionResultType]::ParameterName, 'Also repairs that guess or change which requests pass')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Check again whenever a file changes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;policy;apply' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('--kustomize', '--kustomize', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--mesh-config', '--mesh-config', [CompletionResultType]::ParameterName, 'Mesh configuration (the content of key `mesh`), overrides the manifests')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Feature flag of istiod, as in its environment; repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Do everything but the writing, asking the server or not')
            [CompletionResult]::new('--expect', '--expect', [CompletionResultType]::ParameterName, 'Scenarios that have to hold with the change, and on the cluster afterwards: a YAML list or JSON lines, each with `expect`')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait at most')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Lowest level of a finding that `policy check` stops at')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file; otherwise `meshsec.toml` or `.meshsec.toml`, looked for upward')
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Bring a run to its end: the latest, or the one named')
            [CompletionResult]::new('--undo', '--undo', [CompletionResultType]::ParameterName, 'Take a run back: the latest, or the one named')
            [CompletionResult]::new('--applyset', '--applyset', [CompletionResultType]::ParameterName, 'Name of the set that these objects belong to; a `ConfigMap` of this name in the namespace of -n is its parent')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Labels of objects that may be pruned')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Labels of objects that may be pruned')
            [CompletionResult]::new('--prune-also', '--prune-also', [CompletionResultType]::ParameterName, 'Also prune this object, `KIND/NAME` or `KIND/NAMESPACE/NAME`, though it concerns the whole mesh; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The live mesh; files go over its objects of the same kind, namespace and name')
            [CompletionResult]::new('--assume-admitted', '--assume-admitted', [CompletionResultType]::ParameterName, 'Take objects that the API server or istiod would refuse as if they were in the mesh')
            [CompletionResult]::new('--plan-only', '--plan-only', [CompletionResultType]::ParameterName, 'Print what would be done, in order and with reasons, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Agree to every verdict that changes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Agree to every verdict that changes')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until the change is served, and in proxies as far as istiod tells')
            [CompletionResult]::new('--skip-check', '--skip-check', [CompletionResultType]::ParameterName, 'Apply without `policy check`')
            [CompletionResult]::new('--force-conflicts', '--force-conflicts', [CompletionResultType]::ParameterName, 'Take over fields that other managers have')
            [CompletionResult]::new('--rollback-on-failure', '--rollback-on-failure', [CompletionResultType]::ParameterName, 'Take everything back when something fails')
            [CompletionResult]::new('--prune', '--prune', [CompletionResultType]::ParameterName, 'Remove objects of the set (--applyset) or with the labels (-l) that are in no file any more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;policy;delete' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('--kustomize', '--kustomize', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--mesh-config', '--mesh-config', [CompletionResultType]::ParameterName, 'Mesh configuration (the content of key `mesh`), overrides the manifests')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Feature flag of istiod, as in its environment; repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Do everything but the writing, asking the server or not')
            [CompletionResult]::new('--expect', '--expect', [CompletionResultType]::ParameterName, 'Scenarios that have to hold with the change, and on the cluster afterwards: a YAML list or JSON lines, each with `expect`')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait at most')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Lowest level of a finding that `policy check` stops at')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file; otherwise `meshsec.toml` or `.meshsec.toml`, looked for upward')
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The live mesh; files go over its objects of the same kind, namespace and name')
            [CompletionResult]::new('--assume-admitted', '--assume-admitted', [CompletionResultType]::ParameterName, 'Take objects that the API server or istiod would refuse as if they were in the mesh')
            [CompletionResult]::new('--plan-only', '--plan-only', [CompletionResultType]::ParameterName, 'Print what would be done, in order and with reasons, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Agree to every verdict that changes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Agree to every verdict that changes')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until the change is served, and in proxies as far as istiod tells')
            [CompletionResult]::new('--skip-check', '--skip-check', [CompletionResultType]::ParameterName, 'Apply without `policy check`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;policy;get' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('--kustomize', '--kustomize', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--mesh-config', '--mesh-config', [CompletionResultType]::ParameterName, 'Mesh configuration (the content of key `mesh`), overrides the manifests')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Feature flag of istiod, as in its environment; repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The live mesh; files go over its objects of the same kind, namespace and name')
            [CompletionResult]::new('--assume-admitted', '--assume-admitted', [CompletionResultType]::ParameterName, 'Take objects that the API server or istiod would refuse as if they were in the mesh')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'All namespaces')
            [CompletionResult]::new('--all-namespaces', '--all-namespaces', [CompletionResultType]::ParameterName, 'All namespaces')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;policy;diff' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('--kustomize', '--kustomize', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--mesh-config', '--mesh-config', [CompletionResultType]::ParameterName, 'Mesh configuration (the content of key `mesh`), overrides the manifests')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Feature flag of istiod, as in its environment; repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('--against', '--against', [CompletionResultType]::ParameterName, 'What was before: file, directory, glob or `-`; repeatable. Without it the live mesh of `--cluster` is, and with both they go over it too')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Fail when something changes in this direction')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The live mesh; files go over its objects of the same kind, namespace and name')
            [CompletionResult]::new('--assume-admitted', '--assume-admitted', [CompletionResultType]::ParameterName, 'Take objects that the API server or istiod would refuse as if they were in the mesh')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;policy;explain' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('--kustomize', '--kustomize', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--mesh-config', '--mesh-config', [CompletionResultType]::ParameterName, 'Mesh configuration (the content of key `mesh`), overrides the manifests')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Feature flag of istiod, as in its environment; repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The live mesh; files go over its objects of the same kind, namespace and name')
            [CompletionResult]::new('--assume-admitted', '--assume-admitted', [CompletionResultType]::ParameterName, 'Take objects that the API server or istiod would refuse as if they were in the mesh')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;policy;effective' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('--kustomize', '--kustomize', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--mesh-config', '--mesh-config', [CompletionResultType]::ParameterName, 'Mesh configuration (the content of key `mesh`), overrides the manifests')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Feature flag of istiod, as in its environment; repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'The workload: `namespace/name`')
            [CompletionResult]::new('--workload', '--workload', [CompletionResultType]::ParameterName, 'The workload: `namespace/name`')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The live mesh; files go over its objects of the same kind, namespace and name')
            [CompletionResult]::new('--assume-admitted', '--assume-admitted', [CompletionResultType]::ParameterName, 'Take objects that the API server or istiod would refuse as if they were in the mesh')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;policy;translate' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('--kustomize', '--kustomize', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--mesh-config', '--mesh-config', [CompletionResultType]::ParameterName, 'Mesh configuration (the content of key `mesh`), overrides the manifests')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Feature flag of istiod, as in its environment; repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'The workload: `namespace/name`')
            [CompletionResult]::new('--workload', '--workload', [CompletionResultType]::ParameterName, 'The workload: `namespace/name`')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port the bootstrap listens on, on 127.0.0.1')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The live mesh; files go over its objects of the same kind, namespace and name')
            [CompletionResult]::new('--assume-admitted', '--assume-admitted', [CompletionResultType]::ParameterName, 'Take objects that the API server or istiod would refuse as if they were in the mesh')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;policy;help' {
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find what is wrong in manifests, and what will surprise, before they are applied')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Apply manifests to a cluster, in an order that opens no hole on the way, with proof of what changes')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Remove the objects of manifests from a cluster, in an order that opens no hole on the way')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'List the policies of a cluster, or of files: what each does, to whom, and with how many rules')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show which requests get another verdict between two sets of manifests, and which fields differ')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a rule of `policy check`, or policies in plain English')
            [CompletionResult]::new('effective', 'effective', [CompletionResultType]::ParameterValue, 'Show everything that decides about the traffic of a workload, in order, and why other objects do not')
            [CompletionResult]::new('translate', 'translate', [CompletionResultType]::ParameterValue, 'Print the Envoy configuration that istiod would send to a workload''s sidecar')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;policy;help;check' {
            break
        }
        'meshsec;policy;help;apply' {
            break
        }
        'meshsec;policy;help;delete' {
            break
        }
        'meshsec;policy;help;get' {
            break
        }
        'meshsec;policy;help;diff' {
            break
        }
        'meshsec;policy;help;explain' {
            break
        }
        'meshsec;policy;help;effective' {
            break
        }
        'meshsec;policy;help;translate' {
            break
        }
        'meshsec;policy;help;help' {
            break
        }
        'meshsec;jwt' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('mint', 'mint', [CompletionResultType]::ParameterValue, 'Mint a token')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show what a token says, without verifying it')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a token, and learn why it is refused')
            [CompletionResult]::new('request-authentication', 'request-authentication', [CompletionResultType]::ParameterValue, 'Write the RequestAuthentication that accepts an issuer''s tokens')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;jwt;mint' {
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key: PEM, DER or JWK, or a directory made by `meshsec jwk generate`')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Shared secret for HS256, HS384 and HS512: the bytes of this file')
            [CompletionResult]::new('--spiffe-id', '--spiffe-id', [CompletionResultType]::ParameterName, 'Whose it is: SPIFFE ID in the trust domain of the authority')
            [CompletionResult]::new('--service-account', '--service-account', [CompletionResultType]::ParameterName, 'Whose it is: Kubernetes service account `namespace/name`')
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--kid', '--kid', [CompletionResultType]::ParameterName, '`kid` of the header; with a directory the key to take')
            [CompletionResult]::new('--alg', '--alg', [CompletionResultType]::ParameterName, '`alg` of the header; the key''s usual one when absent')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--iss', '--iss', [CompletionResultType]::ParameterName, 'Issuer')
            [CompletionResult]::new('--sub', '--sub', [CompletionResultType]::ParameterName, 'Subject')
            [CompletionResult]::new('--aud', '--aud', [CompletionResultType]::ParameterName, 'Audience; repeatable')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'How long it is valid, such as 5m, 1h, 30d; 1h when absent')
            [CompletionResult]::new('--nbf', '--nbf', [CompletionResultType]::ParameterName, 'When it begins to be valid: RFC 3339, or a duration from now')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Time of issue, RFC 3339; now when absent')
            [CompletionResult]::new('--jti', '--jti', [CompletionResultType]::ParameterName, '`jti`; random when absent, none when empty')
            [CompletionResult]::new('--claim', '--claim', [CompletionResultType]::ParameterName, 'Claim that is a string; repeatable')
            [CompletionResult]::new('--claim-json', '--claim-json', [CompletionResultType]::ParameterName, 'Claim that is any JSON value; repeatable')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Further header member that is a string, such as `typ=at+jwt`; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--allow-hmac', '--allow-hmac', [CompletionResultType]::ParameterName, 'Sign with a shared secret: whoever can verify such a token can also make one')
            [CompletionResult]::new('--svid', '--svid', [CompletionResultType]::ParameterName, 'A JWT-SVID: signed by the mesh''s own key, which is kept with the authority and published in its bundle')
            [CompletionResult]::new('--never-expires', '--never-expires', [CompletionResultType]::ParameterName, 'Leave `exp` out: the token can never be taken back')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;jwt;inspect' {
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Time to compare with, RFC 3339; now when absent')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;jwt;verify' {
            [CompletionResult]::new('--jwks', '--jwks', [CompletionResultType]::ParameterName, 'Key set of the issuer; with `--request-auth` also `ISSUER=FILE` or `unreachable`, repeatable')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Public key: PEM, certificate or JWK; repeatable')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'Shared secret for HS256, HS384 and HS512: the bytes of this file')
            [CompletionResult]::new('--request-auth', '--request-auth', [CompletionResultType]::ParameterName, 'Manifests with RequestAuthentications: file, directory, glob or `-`; repeatable')
            [CompletionResult]::new('--workload', '--workload', [CompletionResultType]::ParameterName, 'Only the RequestAuthentications that apply to this workload of the manifests')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'Only this RequestAuthentication; all of the files together when absent')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of documents that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of documents that give none')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Request header `name: value` that carries the token, as it is sent; repeatable')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Request header `name: value` that carries the token, as it is sent; repeatable')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Request target with the query that carries the token')
            [CompletionResult]::new('--aud', '--aud', [CompletionResultType]::ParameterName, 'The verifier''s own name, one of which `aud` must hold; repeatable')
            [CompletionResult]::new('--iss', '--iss', [CompletionResultType]::ParameterName, 'The issuer, exactly as the token writes it; repeatable')
            [CompletionResult]::new('--sub', '--sub', [CompletionResultType]::ParameterName, 'The subject')
            [CompletionResult]::new('--typ', '--typ', [CompletionResultType]::ParameterName, 'The kind of token: `typ` of the header, such as `at+jwt`')
            [CompletionResult]::new('--alg', '--alg', [CompletionResultType]::ParameterName, 'Algorithm that is allowed; those of the keys when absent; repeatable')
            [CompletionResult]::new('--leeway', '--leeway', [CompletionResultType]::ParameterName, 'By how much clocks may differ; the proxy always forgives 60s')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Time to verify at, RFC 3339; now when absent')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--assume-admitted', '--assume-admitted', [CompletionResultType]::ParameterName, 'Take policies that the API server or istiod would refuse as if they were in the mesh')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Judge by the standards instead of the proxy')
            [CompletionResult]::new('--accept-any-audience', '--accept-any-audience', [CompletionResultType]::ParameterName, 'Take a token for any audience')
            [CompletionResult]::new('--accept-without-expiry', '--accept-without-expiry', [CompletionResultType]::ParameterName, 'Take a token that never expires')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;jwt;request-authentication' {
            [CompletionResult]::new('--jwks', '--jwks', [CompletionResultType]::ParameterName, 'Key set to write into the object')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Public key to write into the object, as a key set of one')
            [CompletionResult]::new('--jwks-uri', '--jwks-uri', [CompletionResultType]::ParameterName, 'Where istiod fetches the key set')
            [CompletionResult]::new('--iss', '--iss', [CompletionResultType]::ParameterName, 'Issuer, exactly as its tokens write it')
            [CompletionResult]::new('--audience', '--audience', [CompletionResultType]::ParameterName, 'Audience that is accepted; any when absent; repeatable')
            [CompletionResult]::new('--audiences', '--audiences', [CompletionResultType]::ParameterName, 'Audience that is accepted; any when absent; repeatable')
            [CompletionResult]::new('--aud', '--aud', [CompletionResultType]::ParameterName, 'Audience that is accepted; any when absent; repeatable')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Label of the workloads; the whole namespace when absent; repeatable')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of the object; where it is applied when absent')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of the object; where it is applied when absent')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the object; by the selector, or `jwt`, when absent')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--forward', '--forward', [CompletionResultType]::ParameterName, 'Also give the token to the application')
            [CompletionResult]::new('--require', '--require', [CompletionResultType]::ParameterName, 'Refuse requests without a token of this issuer, by an AuthorizationPolicy')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;jwt;help' {
            [CompletionResult]::new('mint', 'mint', [CompletionResultType]::ParameterValue, 'Mint a token')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show what a token says, without verifying it')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a token, and learn why it is refused')
            [CompletionResult]::new('request-authentication', 'request-authentication', [CompletionResultType]::ParameterValue, 'Write the RequestAuthentication that accepts an issuer''s tokens')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;jwt;help;mint' {
            break
        }
        'meshsec;jwt;help;inspect' {
            break
        }
        'meshsec;jwt;help;verify' {
            break
        }
        'meshsec;jwt;help;request-authentication' {
            break
        }
        'meshsec;jwt;help;help' {
            break
        }
        'meshsec;bundle' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show who a trust bundle trusts: every authority with its key and lifetime, JWT keys, and what is odd')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Merge bundles of one trust domain into one, as a change of roots needs it')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare two bundles: which authorities came, went and stayed, and whether a running istiod takes the change')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Write a bundle in another form: PEM, or a SPIFFE bundle')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;bundle;show' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--trust-domain', '--trust-domain', [CompletionResultType]::ParameterName, 'Whose bundle it is, for files that do not say, or which one to take from a map; a name or `spiffe://NAME`')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Time at which lifetimes are judged, RFC 3339; now when absent')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;bundle;merge' {
            [CompletionResult]::new('--trust-domain', '--trust-domain', [CompletionResultType]::ParameterName, 'Whose bundle it is, for files that do not say, or which one to take from a map; a name or `spiffe://NAME`')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write, replaced in one step; standard output when absent')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write, replaced in one step; standard output when absent')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form to write')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;bundle;diff' {
            [CompletionResult]::new('--trust-domain', '--trust-domain', [CompletionResultType]::ParameterName, 'Whose bundle it is, for files that do not say, or which one to take from a map; a name or `spiffe://NAME`')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;bundle;convert' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--trust-domain', '--trust-domain', [CompletionResultType]::ParameterName, 'Whose bundle it is, for files that do not say, or which one to take from a map; a name or `spiffe://NAME`')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Form to write')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write, replaced in one step; standard output when absent')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write, replaced in one step; standard output when absent')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;bundle;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show who a trust bundle trusts: every authority with its key and lifetime, JWT keys, and what is odd')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Merge bundles of one trust domain into one, as a change of roots needs it')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare two bundles: which authorities came, went and stayed, and whether a running istiod takes the change')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Write a bundle in another form: PEM, or a SPIFFE bundle')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;bundle;help;show' {
            break
        }
        'meshsec;bundle;help;merge' {
            break
        }
        'meshsec;bundle;help;diff' {
            break
        }
        'meshsec;bundle;help;convert' {
            break
        }
        'meshsec;bundle;help;help' {
            break
        }
        'meshsec;ca' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a root, an intermediate that issues under it, and the ledger of everything they sign')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'List the authorities, their states, keys and ends')
            [CompletionResult]::new('intermediate', 'intermediate', [CompletionResultType]::ParameterValue, 'Make an issuing authority under the root, one for each cluster')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign a certificate signing request for the identity that is named here')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write an intermediate for the program that is to sign with it')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Put an intermediate into a cluster, for istiod to sign with')
            [CompletionResult]::new('crl', 'crl', [CompletionResultType]::ParameterValue, 'Write revocation lists: the complete set that Envoy needs, or one')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Tell whether istiod would load an authority, and whether the mesh would work with it')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Bring in a new root beside the old one, let it sign, and drop the old one')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Write the ledger and every private key into one encrypted file')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Make a home from a backup')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;ca;init' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--trust-domain', '--trust-domain', [CompletionResultType]::ParameterName, 'Whose identities it vouches for, with or without `spiffe://`')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'Kind of key of root and intermediate: ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, rsa-4096 or ed25519')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Life of the root')
            [CompletionResult]::new('--intermediate-ttl', '--intermediate-ttl', [CompletionResultType]::ParameterName, 'Life of the intermediate [default: 2y, or the root''s when that is shorter]')
            [CompletionResult]::new('--max-svid-ttl', '--max-svid-ttl', [CompletionResultType]::ParameterName, 'Longest life a workload''s certificate may be given')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--insecure-no-password', '--insecure-no-password', [CompletionResultType]::ParameterName, 'Write private keys unencrypted: whoever can read the file can sign')
            [CompletionResult]::new('--constrain', '--constrain', [CompletionResultType]::ParameterName, 'Let the root''s certificate permit identities of the trust domain only (name constraint on URIs). Envoy, Go and openssl keep to it; rustls, and so perhaps ztunnel, refuses every identity under it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;show' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;intermediate' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'What to call it, such as the cluster''s name')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Its life; no longer than the root''s')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'Kind of key; the root''s when absent')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--constrain', '--constrain', [CompletionResultType]::ParameterName, 'Let its certificate permit identities of the trust domain only (name constraint on URIs). Envoy, Go and openssl keep to it; rustls, and so perhaps ztunnel, refuses every identity under it')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Take the place of the intermediate of this name; certificates it signed stay good')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;sign' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--service-account', '--service-account', [CompletionResultType]::ParameterName, 'Kubernetes service account: `namespace/name`, or `name` in namespace `default`')
            [CompletionResult]::new('--spiffe-id', '--spiffe-id', [CompletionResultType]::ParameterName, 'SPIFFE ID, in the trust domain of this authority')
            [CompletionResult]::new('--dns', '--dns', [CompletionResultType]::ParameterName, 'DNS name beside the identity; repeatable')
            [CompletionResult]::new('--ip', '--ip', [CompletionResultType]::ParameterName, 'Address beside the identity; repeatable')
            [CompletionResult]::new('--requested-names', '--requested-names', [CompletionResultType]::ParameterName, 'What to do with names that the request asks for and was not granted; they are never copied')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Life of the certificate; refused when longer than the authority''s longest or than its signer lives [default: 24h]')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Intermediate that signs')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File for the chain, replaced in one step; standard output when absent')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;export' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The intermediate')
            [CompletionResult]::new('--next-update', '--next-update', [CompletionResultType]::ParameterName, 'How long the revocation lists last')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of the Secret')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'The program that is to sign')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Directory to write, or `k8s` for a Secret `cacerts` on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Directory to write, or `k8s` for a Secret `cacerts` on standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--crl', '--crl', [CompletionResultType]::ParameterName, 'Also write the complete set of revocation lists; peers then refuse whoever no list covers')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Replace files of the same names that something else wrote')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;install' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The intermediate')
            [CompletionResult]::new('--next-update', '--next-update', [CompletionResultType]::ParameterName, 'How long the revocation lists last')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of the Secret')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Write nothing: `client` compares with what is there, `server` also asks the API server whether it would take the Secret')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--crl', '--crl', [CompletionResultType]::ParameterName, 'Also write the complete set of revocation lists; peers then refuse whoever no list covers')
            [CompletionResult]::new('--restart', '--restart', [CompletionResultType]::ParameterName, 'Restart istiod when the Secret was written, as `kubectl rollout restart` does')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Write it although connections will break, and remove keys from the Secret that istiod would take instead')
            [CompletionResult]::new('--force-conflicts', '--force-conflicts', [CompletionResultType]::ParameterName, 'Take over fields of the Secret that somebody else manages')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;crl' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'For whom: the complete set, which is also what is written when nothing is named')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The list of this authority alone: name or identifier')
            [CompletionResult]::new('--next-update', '--next-update', [CompletionResultType]::ParameterName, 'How long until the next list has to be there')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File to replace, in one step; standard output when absent')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format; DER holds one list')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format; DER holds one list')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;verify' {
            [CompletionResult]::new('--trust-domain', '--trust-domain', [CompletionResultType]::ParameterName, 'Trust domain of the mesh, whose identities name constraints must permit')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'The time to verify at, now when absent')
            [CompletionResult]::new('--current', '--current', [CompletionResultType]::ParameterName, 'The files a running istiod has loaded: also tell whether it takes the change without a restart')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--multi-root', '--multi-root', [CompletionResultType]::ParameterName, 'istiod runs with `ISTIO_MULTIROOT_MESH=true`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;rotate' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('prepare', 'prepare', [CompletionResultType]::ParameterValue, 'Make a new root with intermediates of the same names; the old ones go on signing')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Let the prepared root sign; the one that signed becomes old')
            [CompletionResult]::new('taint', 'taint', [CompletionResultType]::ParameterValue, 'Have everything that an old root signed replaced; it is still trusted')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Take a tainted root out of the bundle; nothing under it is trusted any more')
            [CompletionResult]::new('jwt-key', 'jwt-key', [CompletionResultType]::ParameterValue, 'Bring in a new key for JWT-SVIDs; the old one is published until its last token has expired')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say where the rotation stands, what still chains to which root, and what comes next')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;ca;rotate;prepare' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'Kind of key of the new root and its intermediates; the active root''s when absent')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Life of the new root')
            [CompletionResult]::new('--intermediate-ttl', '--intermediate-ttl', [CompletionResultType]::ParameterName, 'Life of its intermediates [default: 2y, or the root''s when that is shorter]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format of the state afterwards')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format of the state afterwards')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--constrain', '--constrain', [CompletionResultType]::ParameterName, 'Let the new root''s certificate permit identities of the trust domain only (name constraint on URIs). Envoy, Go and openssl keep to it; rustls, and so perhaps ztunnel, refuses every identity under it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;rotate;activate' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The root: name or identifier; the prepared one when absent')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format of the state afterwards')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format of the state afterwards')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;rotate;taint' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The root: name or identifier; the old one when absent')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format of the state afterwards')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format of the state afterwards')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;rotate;revoke' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The root: name or identifier; the tainted one when absent')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format of the state afterwards')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format of the state afterwards')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Lock out the holders of certificates that still chain to it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;rotate;jwt-key' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--lead', '--lead', [CompletionResultType]::ParameterName, 'How long the old key goes on signing: the time every verifier needs to get the bundle')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--compromised', '--compromised', [CompletionResultType]::ParameterName, 'Somebody else has the old key: the new one signs at once, and what was signed so far is good no more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;rotate;status' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'For whom to write the steps')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The cluster''s intermediate')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of istiod')
            [CompletionResult]::new('--next-update', '--next-update', [CompletionResultType]::ParameterName, 'How long the revocation lists last')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Directory for the steps')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--crl', '--crl', [CompletionResultType]::ParameterName, 'Put the complete set of revocation lists into every step')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;rotate;help' {
            [CompletionResult]::new('prepare', 'prepare', [CompletionResultType]::ParameterValue, 'Make a new root with intermediates of the same names; the old ones go on signing')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Let the prepared root sign; the one that signed becomes old')
            [CompletionResult]::new('taint', 'taint', [CompletionResultType]::ParameterValue, 'Have everything that an old root signed replaced; it is still trusted')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Take a tainted root out of the bundle; nothing under it is trusted any more')
            [CompletionResult]::new('jwt-key', 'jwt-key', [CompletionResultType]::ParameterValue, 'Bring in a new key for JWT-SVIDs; the old one is published until its last token has expired')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say where the rotation stands, what still chains to which root, and what comes next')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;ca;rotate;help;prepare' {
            break
        }
        'meshsec;ca;rotate;help;activate' {
            break
        }
        'meshsec;ca;rotate;help;taint' {
            break
        }
        'meshsec;ca;rotate;help;revoke' {
            break
        }
        'meshsec;ca;rotate;help;jwt-key' {
            break
        }
        'meshsec;ca;rotate;help;status' {
            break
        }
        'meshsec;ca;rotate;help;help' {
            break
        }
        'meshsec;ca;backup' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;restore' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;ca;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a root, an intermediate that issues under it, and the ledger of everything they sign')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'List the authorities, their states, keys and ends')
            [CompletionResult]::new('intermediate', 'intermediate', [CompletionResultType]::ParameterValue, 'Make an issuing authority under the root, one for each cluster')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign a certificate signing request for the identity that is named here')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write an intermediate for the program that is to sign with it')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Put an intermediate into a cluster, for istiod to sign with')
            [CompletionResult]::new('crl', 'crl', [CompletionResultType]::ParameterValue, 'Write revocation lists: the complete set that Envoy needs, or one')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Tell whether istiod would load an authority, and whether the mesh would work with it')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Bring in a new root beside the old one, let it sign, and drop the old one')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Write the ledger and every private key into one encrypted file')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Make a home from a backup')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;ca;help;init' {
            break
        }
        'meshsec;ca;help;show' {
            break
        }
        'meshsec;ca;help;intermediate' {
            break
        }
        'meshsec;ca;help;sign' {
            break
        }
        'meshsec;ca;help;export' {
            break
        }
        'meshsec;ca;help;install' {
            break
        }
        'meshsec;ca;help;crl' {
            break
        }
        'meshsec;ca;help;verify' {
            break
        }
        'meshsec;ca;help;rotate' {
            [CompletionResult]::new('prepare', 'prepare', [CompletionResultType]::ParameterValue, 'Make a new root with intermediates of the same names; the old ones go on signing')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Let the prepared root sign; the one that signed becomes old')
            [CompletionResult]::new('taint', 'taint', [CompletionResultType]::ParameterValue, 'Have everything that an old root signed replaced; it is still trusted')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Take a tainted root out of the bundle; nothing under it is trusted any more')
            [CompletionResult]::new('jwt-key', 'jwt-key', [CompletionResultType]::ParameterValue, 'Bring in a new key for JWT-SVIDs; the old one is published until its last token has expired')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say where the rotation stands, what still chains to which root, and what comes next')
            break
        }
        'meshsec;ca;help;rotate;prepare' {
            break
        }
        'meshsec;ca;help;rotate;activate' {
            break
        }
        'meshsec;ca;help;rotate;taint' {
            break
        }
        'meshsec;ca;help;rotate;revoke' {
            break
        }
        'meshsec;ca;help;rotate;jwt-key' {
            break
        }
        'meshsec;ca;help;rotate;status' {
            break
        }
        'meshsec;ca;help;backup' {
            break
        }
        'meshsec;ca;help;restore' {
            break
        }
        'meshsec;ca;help;help' {
            break
        }
        'meshsec;svid' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('issue', 'issue', [CompletionResultType]::ParameterValue, 'Issue identities to workloads: key, certificate chain and roots')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show certificates in whatever form they come, and what is wrong with them')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Put identities into a cluster: a Secret for each service account, written only when it is due')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a workload''s chain against the trust bundle of its trust domain')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the certificates in the ledger, the one that ends first in front')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew certificates that this authority issued: those in directories, or all of the ledger')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke certificates, by serial number or by identity')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;svid;issue' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--service-account', '--service-account', [CompletionResultType]::ParameterName, 'Kubernetes service account: `namespace/name`, or `name` in namespace `default`')
            [CompletionResult]::new('--spiffe-id', '--spiffe-id', [CompletionResultType]::ParameterName, 'SPIFFE ID, in the trust domain of this authority')
            [CompletionResult]::new('--dns', '--dns', [CompletionResultType]::ParameterName, 'DNS name beside the identity; repeatable')
            [CompletionResult]::new('--ip', '--ip', [CompletionResultType]::ParameterName, 'Address beside the identity; repeatable')
            [CompletionResult]::new('--csr', '--csr', [CompletionResultType]::ParameterName, 'Certificate signing request (PKCS#10, PEM or DER) whose key is certified, or `-`')
            [CompletionResult]::new('--requested-names', '--requested-names', [CompletionResultType]::ParameterName, 'What to do with names that the request asks for and was not granted; they are never copied')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'File, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('--kustomize', '--kustomize', [CompletionResultType]::ParameterName, 'Directory to build with `kubectl kustomize` or `kustomize build`')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of documents and names that give none')
            [CompletionResult]::new('--mesh-config', '--mesh-config', [CompletionResultType]::ParameterName, 'Mesh configuration (the content of key `mesh`), overrides the manifests')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Feature flag of istiod, as in its environment; repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Its life; refused when longer than the authority''s longest or than its signer lives [default: 24h]')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'Kind of key to make')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Intermediate that signs')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Directory for cert-chain.pem, key.pem and root-cert.pem; with `--all`, of NAMESPACE/ACCOUNT directories')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--layout', '--layout', [CompletionResultType]::ParameterName, 'Keys of the Secret [default: citadel]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The live mesh; files go over its objects of the same kind, namespace and name')
            [CompletionResult]::new('--assume-admitted', '--assume-admitted', [CompletionResultType]::ParameterName, 'Take objects that the API server or istiod would refuse as if they were in the mesh')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'One certificate for each service account found in the manifests')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Replace files of the same names that something else wrote')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;svid;inspect' {
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'The time that counts, RFC 3339; now when absent')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--fail-on-problems', '--fail-on-problems', [CompletionResultType]::ParameterName, 'End with 1 when there are errors or warnings; notes do not count')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;svid;install' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('--service-account', '--service-account', [CompletionResultType]::ParameterName, 'Service account: `namespace/name`, or `name` in `--namespace`; repeatable')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace; otherwise that of the context, and with `--all` every one')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace; otherwise that of the context, and with `--all` every one')
            [CompletionResult]::new('--layout', '--layout', [CompletionResultType]::ParameterName, 'Keys of the Secret')
            [CompletionResult]::new('--ratio', '--ratio', [CompletionResultType]::ParameterName, 'Share of the life that must be left, 0 to 1')
            [CompletionResult]::new('--jitter', '--jitter', [CompletionResultType]::ParameterName, 'Largest distance from the ratio, other for each certificate, so that not all renew at once')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Life of a certificate; when absent that of the one before, or 24h for the first one')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'Kind of key to make; when absent that of the one before, or ecdsa-p256 for the first one')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Intermediate that signs; when absent the one of the same name as before, or `default` for the first one')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every service account of the cluster but those of Kubernetes itself, or of `--namespace`')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Renew also what is not due')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Replace also what another authority issued')
            [CompletionResult]::new('--force-conflicts', '--force-conflicts', [CompletionResultType]::ParameterName, 'Take over fields of the Secrets that somebody else manages')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Issue nothing and write nothing: say what is due, and whether the API server would take it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;svid;verify' {
            [CompletionResult]::new('--bundle', '--bundle', [CompletionResultType]::ParameterName, 'Trust bundle, PEM, DER, SPIFFE bundle or Secret: `FILE` for the chain''s own trust domain, or `DOMAIN=FILE`; repeatable')
            [CompletionResult]::new('--spiffe-id', '--spiffe-id', [CompletionResultType]::ParameterName, 'The identity it must have')
            [CompletionResult]::new('--crl', '--crl', [CompletionResultType]::ParameterName, 'Revocation lists, PEM or DER; repeatable, and a file may hold several')
            [CompletionResult]::new('--usage', '--usage', [CompletionResultType]::ParameterName, 'Which side of a connection presents the chain; either when absent, and then no purpose is demanded')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The private key that must belong to the workload''s certificate')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'The time that counts, RFC 3339; now when absent')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--crl-leaf-only', '--crl-leaf-only', [CompletionResultType]::ParameterName, 'Look up the revocation of the workload''s certificate only')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Refuse also what departs from the standard and peers take all the same')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;svid;list' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--expiring-within', '--expiring-within', [CompletionResultType]::ParameterName, 'Only what ends within this time')
            [CompletionResult]::new('--spiffe-id', '--spiffe-id', [CompletionResultType]::ParameterName, 'Only this identity')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Only service accounts of this namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Only service accounts of this namespace')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Only what this authority signed: name or identifier')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Only what is in this state')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--with-authorities', '--with-authorities', [CompletionResultType]::ParameterName, 'Also roots and intermediates')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;svid;renew' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--poll', '--poll', [CompletionResultType]::ParameterName, 'With `--watch`: look for new certificates, rotations and a clock that was set at least this often')
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'Command for the shell after each replacement; `$MESHSEC_CERT_DIR` and `$MESHSEC_SPIFFE_ID` tell it which')
            [CompletionResult]::new('--ratio', '--ratio', [CompletionResultType]::ParameterName, 'Share of the life that must be left, 0 to 1')
            [CompletionResult]::new('--jitter', '--jitter', [CompletionResultType]::ParameterName, 'Largest distance from the ratio, other for each certificate, so that not all renew at once')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'Life of the new certificate; as long as the one before when absent')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'Kind of key to make; as before when absent')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Intermediate that signs; the one of the same name that signs now when absent')
            [CompletionResult]::new('--service-account', '--service-account', [CompletionResultType]::ParameterName, 'Kubernetes service account: `namespace/name`, or `name` in namespace `default`')
            [CompletionResult]::new('--spiffe-id', '--spiffe-id', [CompletionResultType]::ParameterName, 'SPIFFE ID, in the trust domain of this authority')
            [CompletionResult]::new('--dns', '--dns', [CompletionResultType]::ParameterName, 'DNS name beside the identity; repeatable')
            [CompletionResult]::new('--ip', '--ip', [CompletionResultType]::ParameterName, 'Address beside the identity; repeatable')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every directory that the ledger knows')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Change nothing and say what needs renewal: exit code 0 when something does, 1 when nothing does')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Keep running and renew in time, until a signal comes')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Renew also what is not due')
            [CompletionResult]::new('--reuse-key', '--reuse-key', [CompletionResultType]::ParameterName, 'Certify the present key again instead of making a new one')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Replace files of the same names that something else wrote')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;svid;revoke' {
            [CompletionResult]::new('--home', '--home', [CompletionResultType]::ParameterName, 'The authority''s directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`')
            [CompletionResult]::new('--serial', '--serial', [CompletionResultType]::ParameterName, 'Serial number in hex, of a workload or an intermediate')
            [CompletionResult]::new('--spiffe-id', '--spiffe-id', [CompletionResultType]::ParameterName, 'Every valid certificate of this identity')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why: unspecified, key-compromise, ca-compromise, affiliation-changed, superseded, cessation-of-operation, certificate-hold, privilege-withdrawn or aa-compromise')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;svid;help' {
            [CompletionResult]::new('issue', 'issue', [CompletionResultType]::ParameterValue, 'Issue identities to workloads: key, certificate chain and roots')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show certificates in whatever form they come, and what is wrong with them')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Put identities into a cluster: a Secret for each service account, written only when it is due')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a workload''s chain against the trust bundle of its trust domain')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the certificates in the ledger, the one that ends first in front')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew certificates that this authority issued: those in directories, or all of the ledger')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke certificates, by serial number or by identity')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;svid;help;issue' {
            break
        }
        'meshsec;svid;help;inspect' {
            break
        }
        'meshsec;svid;help;install' {
            break
        }
        'meshsec;svid;help;verify' {
            break
        }
        'meshsec;svid;help;list' {
            break
        }
        'meshsec;svid;help;renew' {
            break
        }
        'meshsec;svid;help;revoke' {
            break
        }
        'meshsec;svid;help;help' {
            break
        }
        'meshsec;jwk' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Make a key that signs tokens, and publish its public half')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Turn keys from one format into another: PEM, DER, certificate, JWK, JWK set')
            [CompletionResult]::new('thumbprint', 'thumbprint', [CompletionResultType]::ParameterValue, 'Print the thumbprint of a key, which is the usual `kid` (RFC 7638)')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Keep a JWK set: add, remove, list and check its keys')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve a key set and OpenID discovery over HTTP: a local issuer for tests')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;jwk;generate' {
            [CompletionResult]::new('--alg', '--alg', [CompletionResultType]::ParameterName, 'Algorithm the key is for')
            [CompletionResult]::new('--size', '--size', [CompletionResultType]::ParameterName, 'Bits of an RSA key')
            [CompletionResult]::new('--kid', '--kid', [CompletionResultType]::ParameterName, 'Identifier of the key, `kid`; its thumbprint when absent')
            [CompletionResult]::new('--new-password-file', '--new-password-file', [CompletionResultType]::ParameterName, 'File with the passphrase to encrypt the private key under')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Directory to write, made when it is missing')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--encrypt', '--encrypt', [CompletionResultType]::ParameterName, 'Encrypt the private key; its passphrase comes from `--new-password-file`, else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;jwk;convert' {
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--kid', '--kid', [CompletionResultType]::ParameterName, '`kid` of the key')
            [CompletionResult]::new('--alg', '--alg', [CompletionResultType]::ParameterName, '`alg` of the key')
            [CompletionResult]::new('--use', '--use', [CompletionResultType]::ParameterName, '`use` of the key: sig or enc')
            [CompletionResult]::new('--new-password-file', '--new-password-file', [CompletionResultType]::ParameterName, 'File with the passphrase to encrypt the private key under')
            [CompletionResult]::new('--form', '--form', [CompletionResultType]::ParameterName, 'Structure inside PEM')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File to write instead of standard output; one with a private key is for its owner alone (0600)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format; `jwk` from PEM and DER, `pem` from JWK and sets when absent')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format; `jwk` from PEM and DER, `pem` from JWK and sets when absent')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--repair', '--repair', [CompletionResultType]::ParameterName, 'Correct lost zeros, padding and other spelling mistakes of a JWK instead of refusing it')
            [CompletionResult]::new('--no-kid', '--no-kid', [CompletionResultType]::ParameterName, 'Write no `kid`')
            [CompletionResult]::new('--no-alg', '--no-alg', [CompletionResultType]::ParameterName, 'Write no `alg`')
            [CompletionResult]::new('--show-private', '--show-private', [CompletionResultType]::ParameterName, 'Write the private key, or secret, too')
            [CompletionResult]::new('--encrypt', '--encrypt', [CompletionResultType]::ParameterName, 'Encrypt the private key; its passphrase comes from `--new-password-file`, else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Replace the file if it exists')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;jwk;thumbprint' {
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--hash', '--hash', [CompletionResultType]::ParameterName, 'Digest')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--repair', '--repair', [CompletionResultType]::ParameterName, 'Correct lost zeros, padding and other spelling mistakes of a JWK instead of refusing it')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Print the URI form (RFC 9278)')
            [CompletionResult]::new('--kubernetes', '--kubernetes', [CompletionResultType]::ParameterName, 'Print the `kid` of Kubernetes'' API server instead: SHA-256 of the public key in DER')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;jwk;set' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add the public halves of keys to a set')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove keys from a set')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the keys of a set')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check a set before it is published, by the standards and as Envoy reads it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;jwk;set;add' {
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the passphrase; else `$MESHSEC_PASSWORD`, else a prompt')
            [CompletionResult]::new('--kid', '--kid', [CompletionResultType]::ParameterName, '`kid` of the key; its own when absent, else its thumbprint')
            [CompletionResult]::new('--alg', '--alg', [CompletionResultType]::ParameterName, '`alg` of the key; its own when absent, else the usual one of its type')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--repair', '--repair', [CompletionResultType]::ParameterName, 'Correct lost zeros, padding and other spelling mistakes of a JWK instead of refusing it')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Take the place of the key with the same `kid`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;jwk;set;remove' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;jwk;set;list' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;jwk;set;check' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--allow-warnings', '--allow-warnings', [CompletionResultType]::ParameterName, 'Exit with 0 when there are warnings only')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;jwk;set;help' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add the public halves of keys to a set')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove keys from a set')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the keys of a set')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check a set before it is published, by the standards and as Envoy reads it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;jwk;set;help;add' {
            break
        }
        'meshsec;jwk;set;help;remove' {
            break
        }
        'meshsec;jwk;set;help;list' {
            break
        }
        'meshsec;jwk;set;help;check' {
            break
        }
        'meshsec;jwk;set;help;help' {
            break
        }
        'meshsec;jwk;serve' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Directory with `jwks.json`, as `jwk generate` writes it')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Address to listen on; port 0 takes a free one')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Issuer that the discovery document names; `http://ADDRESS` when absent')
            [CompletionResult]::new('--max-age', '--max-age', [CompletionResultType]::ParameterName, 'How long clients may keep the set')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Listen on an address that other machines can reach; there is no TLS')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;jwk;help' {
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Make a key that signs tokens, and publish its public half')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Turn keys from one format into another: PEM, DER, certificate, JWK, JWK set')
            [CompletionResult]::new('thumbprint', 'thumbprint', [CompletionResultType]::ParameterValue, 'Print the thumbprint of a key, which is the usual `kid` (RFC 7638)')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Keep a JWK set: add, remove, list and check its keys')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve a key set and OpenID discovery over HTTP: a local issuer for tests')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;jwk;help;generate' {
            break
        }
        'meshsec;jwk;help;convert' {
            break
        }
        'meshsec;jwk;help;thumbprint' {
            break
        }
        'meshsec;jwk;help;set' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add the public halves of keys to a set')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove keys from a set')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the keys of a set')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check a set before it is published, by the standards and as Envoy reads it')
            break
        }
        'meshsec;jwk;help;set;add' {
            break
        }
        'meshsec;jwk;help;set;remove' {
            break
        }
        'meshsec;jwk;help;set;list' {
            break
        }
        'meshsec;jwk;help;set;check' {
            break
        }
        'meshsec;jwk;help;serve' {
            break
        }
        'meshsec;jwk;help;help' {
            break
        }
        'meshsec;snapshot' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('save', 'save', [CompletionResultType]::ParameterValue, 'Save a mesh into one file, which every `-f` reads')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Say what a snapshot holds, where it is from, and what it lacks')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;snapshot;save' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write, compressed when it ends in `.gz`; `-` for standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write, compressed when it ends in `.gz`; `-` for standard output')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Manifests instead of the cluster: file, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'Manifests instead of the cluster: file, directory, glob or `-` for standard input; repeatable')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Only this namespace and istio-system; repeatable. With `-f` alone, the namespace of documents that give none')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Only this namespace and istio-system; repeatable. With `-f` alone, the namespace of documents that give none')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to act as')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to act in; repeatable')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request may take, otherwise a minute; `0` for as long as it wants')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Replace a file that is no snapshot')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read directories recursively')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The live mesh with the manifests over it')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'Every namespace, as when none is named')
            [CompletionResult]::new('--all-namespaces', '--all-namespaces', [CompletionResultType]::ParameterName, 'Every namespace, as when none is named')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;snapshot;show' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;snapshot;help' {
            [CompletionResult]::new('save', 'save', [CompletionResultType]::ParameterValue, 'Save a mesh into one file, which every `-f` reads')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Say what a snapshot holds, where it is from, and what it lacks')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;snapshot;help;save' {
            break
        }
        'meshsec;snapshot;help;show' {
            break
        }
        'meshsec;snapshot;help;help' {
            break
        }
        'meshsec;completion' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;man' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Directory to write the pages into')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;version' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on success but the exit code')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'meshsec;help' {
            [CompletionResult]::new('simulate', 'simulate', [CompletionResultType]::ParameterValue, 'Ask what would become of a request')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'Look at policies themselves')
            [CompletionResult]::new('jwt', 'jwt', [CompletionResultType]::ParameterValue, 'Mint, inspect and verify JSON Web Tokens')
            [CompletionResult]::new('bundle', 'bundle', [CompletionResultType]::ParameterValue, 'Look at trust bundles, merge, compare and convert them')
            [CompletionResult]::new('ca', 'ca', [CompletionResultType]::ParameterValue, 'Run a certificate authority for a trust domain')
            [CompletionResult]::new('svid', 'svid', [CompletionResultType]::ParameterValue, 'Issue, inspect, verify, list and revoke identities of workloads')
            [CompletionResult]::new('jwk', 'jwk', [CompletionResultType]::ParameterValue, 'Make keys that sign tokens, convert them, publish their public halves')
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Keep a mesh in one file, and ask it later')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell, or of kubectl for the plugin')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, or write one page per command into a directory')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version, and what its answers were checked against')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'meshsec;help;simulate' {
            [CompletionResult]::new('request', 'request', [CompletionResultType]::ParameterValue, 'Put one request to the mesh and learn what becomes of it, and why')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Put one request per line to the mesh, in order, on every core')
            [CompletionResult]::new('proxy', 'proxy', [CompletionResultType]::ParameterValue, 'Stand before a real application as the sidecar of a workload, with the rules of the manifests')
            break
        }
        'meshsec;help;simulate;request' {
            break
        }
        'meshsec;help;simulate;batch' {
            break
        }
        'meshsec;help;simulate;proxy' {
            break
        }
        'meshsec;help;policy' {
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find what is wrong in manifests, and what will surprise, before they are applied')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Apply manifests to a cluster, in an order that opens no hole on the way, with proof of what changes')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Remove the objects of manifests from a cluster, in an order that opens no hole on the way')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'List the policies of a cluster, or of files: what each does, to whom, and with how many rules')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show which requests get another verdict between two sets of manifests, and which fields differ')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a rule of `policy check`, or policies in plain English')
            [CompletionResult]::new('effective', 'effective', [CompletionResultType]::ParameterValue, 'Show everything that decides about the traffic of a workload, in order, and why other objects do not')
            [CompletionResult]::new('translate', 'translate', [CompletionResultType]::ParameterValue, 'Print the Envoy configuration that istiod would send to a workload''s sidecar')
            break
        }
        'meshsec;help;policy;check' {
            break
        }
        'meshsec;help;policy;apply' {
            break
        }
        'meshsec;help;policy;delete' {
            break
        }
        'meshsec;help;policy;get' {
            break
        }
        'meshsec;help;policy;diff' {
            break
        }
        'meshsec;help;policy;explain' {
            break
        }
        'meshsec;help;policy;effective' {
            break
        }
        'meshsec;help;policy;translate' {
            break
        }
        'meshsec;help;jwt' {
            [CompletionResult]::new('mint', 'mint', [CompletionResultType]::ParameterValue, 'Mint a token')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show what a token says, without verifying it')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a token, and learn why it is refused')
            [CompletionResult]::new('request-authentication', 'request-authentication', [CompletionResultType]::ParameterValue, 'Write the RequestAuthentication that accepts an issuer''s tokens')
            break
        }
        'meshsec;help;jwt;mint' {
            break
        }
        'meshsec;help;jwt;inspect' {
            break
        }
        'meshsec;help;jwt;verify' {
            break
        }
        'meshsec;help;jwt;request-authentication' {
            break
        }
        'meshsec;help;bundle' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show who a trust bundle trusts: every authority with its key and lifetime, JWT keys, and what is odd')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Merge bundles of one trust domain into one, as a change of roots needs it')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare two bundles: which authorities came, went and stayed, and whether a running istiod takes the change')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Write a bundle in another form: PEM, or a SPIFFE bundle')
            break
        }
        'meshsec;help;bundle;show' {
            break
        }
        'meshsec;help;bundle;merge' {
            break
        }
        'meshsec;help;bundle;diff' {
            break
        }
        'meshsec;help;bundle;convert' {
            break
        }
        'meshsec;help;ca' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a root, an intermediate that issues under it, and the ledger of everything they sign')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'List the authorities, their states, keys and ends')
            [CompletionResult]::new('intermediate', 'intermediate', [CompletionResultType]::ParameterValue, 'Make an issuing authority under the root, one for each cluster')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign a certificate signing request for the identity that is named here')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write an intermediate for the program that is to sign with it')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Put an intermediate into a cluster, for istiod to sign with')
            [CompletionResult]::new('crl', 'crl', [CompletionResultType]::ParameterValue, 'Write revocation lists: the complete set that Envoy needs, or one')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Tell whether istiod would load an authority, and whether the mesh would work with it')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Bring in a new root beside the old one, let it sign, and drop the old one')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Write the ledger and every private key into one encrypted file')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Make a home from a backup')
            break
        }
        'meshsec;help;ca;init' {
            break
        }
        'meshsec;help;ca;show' {
            break
        }
        'meshsec;help;ca;intermediate' {
            break
        }
        'meshsec;help;ca;sign' {
            break
        }
        'meshsec;help;ca;export' {
            break
        }
        'meshsec;help;ca;install' {
            break
        }
        'meshsec;help;ca;crl' {
            break
        }
        'meshsec;help;ca;verify' {
            break
        }
        'meshsec;help;ca;rotate' {
            [CompletionResult]::new('prepare', 'prepare', [CompletionResultType]::ParameterValue, 'Make a new root with intermediates of the same names; the old ones go on signing')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Let the prepared root sign; the one that signed becomes old')
            [CompletionResult]::new('taint', 'taint', [CompletionResultType]::ParameterValue, 'Have everything that an old root signed replaced; it is still trusted')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Take a tainted root out of the bundle; nothing under it is trusted any more')
            [CompletionResult]::new('jwt-key', 'jwt-key', [CompletionResultType]::ParameterValue, 'Bring in a new key for JWT-SVIDs; the old one is published until its last token has expired')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say where the rotation stands, what still chains to which root, and what comes next')
            break
        }
        'meshsec;help;ca;rotate;prepare' {
            break
        }
        'meshsec;help;ca;rotate;activate' {
            break
        }
        'meshsec;help;ca;rotate;taint' {
            break
        }
        'meshsec;help;ca;rotate;revoke' {
            break
        }
        'meshsec;help;ca;rotate;jwt-key' {
            break
        }
        'meshsec;help;ca;rotate;status' {
            break
        }
        'meshsec;help;ca;backup' {
            break
        }
        'meshsec;help;ca;restore' {
            break
        }
        'meshsec;help;svid' {
            [CompletionResult]::new('issue', 'issue', [CompletionResultType]::ParameterValue, 'Issue identities to workloads: key, certificate chain and roots')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show certificates in whatever form they come, and what is wrong with them')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Put identities into a cluster: a Secret for each service account, written only when it is due')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a workload''s chain against the trust bundle of its trust domain')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the certificates in the ledger, the one that ends first in front')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew certificates that this authority issued: those in directories, or all of the ledger')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke certificates, by serial number or by identity')
            break
        }
        'meshsec;help;svid;issue' {
            break
        }
        'meshsec;help;svid;inspect' {
            break
        }
        'meshsec;help;svid;install' {
            break
        }
        'meshsec;help;svid;verify' {
            break
        }
        'meshsec;help;svid;list' {
            break
        }
        'meshsec;help;svid;renew' {
            break
        }
        'meshsec;help;svid;revoke' {
            break
        }
        'meshsec;help;jwk' {
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Make a key that signs tokens, and publish its public half')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Turn keys from one format into another: PEM, DER, certificate, JWK, JWK set')
            [CompletionResult]::new('thumbprint', 'thumbprint', [CompletionResultType]::ParameterValue, 'Print the thumbprint of a key, which is the usual `kid` (RFC 7638)')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Keep a JWK set: add, remove, list and check its keys')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve a key set and OpenID discovery over HTTP: a local issuer for tests')
            break
        }
        'meshsec;help;jwk;generate' {
            break
        }
        'meshsec;help;jwk;convert' {
            break
        }
        'meshsec;help;jwk;thumbprint' {
            break
        }
        'meshsec;help;jwk;set' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add the public halves of keys to a set')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove keys from a set')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the keys of a set')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check a set before it is published, by the standards and as Envoy reads it')
            break
        }
        'meshsec;help;jwk;set;add' {
            break
        }
        'meshsec;help;jwk;set;remove' {
            break
        }
        'meshsec;help;jwk;set;list' {
            break
        }
        'meshsec;help;jwk;set;check' {
            break
        }
        'meshsec;help;jwk;serve' {
            break
        }
        'meshsec;help;snapshot' {
            [CompletionResult]::new('save', 'save', [CompletionResultType]::ParameterValue, 'Save a mesh into one file, which every `-f` reads')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Say what a snapshot holds, where it is from, and what it lacks')
            break
        }
        'meshsec;help;snapshot;save' {
            break
        }
        'meshsec;help;snapshot;show' {
            break
        }
        'meshsec;help;completion' {
            break
        }
        'meshsec;help;man' {
            break
        }
        'meshsec;help;version' {
            break
        }
        'meshsec;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
