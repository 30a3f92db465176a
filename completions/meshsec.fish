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
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "completion" -d 'Print the completion script of a shell'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "man" -d 'Print the manual page, or write one page per command into a directory'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "version" -d 'Print the version, and what its answers were checked against'
complete -c meshsec -n "__fish_meshsec_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch help" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch help" -s h -l help -d 'Print help'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch help" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch help" -f -a "request" -d 'Put one request to the mesh and learn what becomes of it, and why'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch help" -f -a "batch" -d 'Put one request per line to the mesh, in order, on every core'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and not __fish_seen_subcommand_from request batch help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l request -d 'The whole scenario from a YAML or JSON file, or `-`; flags override its keys' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l from -d 'Caller: `namespace/workload`, or a principal `spiffe://..`; absent: someone outside the mesh' -r
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
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l token -d 'Bearer token, or `@FILE`' -r
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
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l fetch-jwks -d 'Fetch every `jwksUri` that no `--jwks` names from the network'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -l explain -d 'Also print every policy that was looked at, and every one that was not, and why'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from request" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l jwks -d 'Key set of an issuer or `jwksUri`: a file, or `unreachable`; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s j -l jobs -d 'Threads; one per core when absent' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s o -l output -d 'Output format' -r -f -a "text\t'One short line each'
json\t'One array'
jsonl\t'One compact object per line'"
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l fetch-jwks -d 'Fetch every `jwksUri` that no `--jwks` names from the network'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -l explain -d 'Also write the trace of each decision'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from batch" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from help" -f -a "request" -d 'Put one request to the mesh and learn what becomes of it, and why'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from help" -f -a "batch" -d 'Put one request per line to the mesh, in order, on every core'
complete -c meshsec -n "__fish_meshsec_using_subcommand simulate; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from translate help" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from translate help" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from translate help" -s h -l help -d 'Print help'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from translate help" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from translate help" -f -a "translate" -d 'Print the Envoy configuration that istiod would send to a workload\'s sidecar'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and not __fish_seen_subcommand_from translate help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s f -l filename -d 'File, directory, glob or `-` for standard input; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s k -l kustomize -d 'Directory to build with `kubectl kustomize` or `kustomize build`' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s n -l namespace -d 'Namespace of documents and names that give none' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l mesh-config -d 'Mesh configuration (the content of key `mesh`), overrides the manifests' -r -F
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l feature -d 'Feature flag of istiod, as in its environment; repeatable' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s w -l workload -d 'The workload: `namespace/name`' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s o -l output -d 'Output format' -r -f -a "yaml\t'YAML'
json\t'JSON'
envoy-bootstrap\t'A static Envoy configuration, as YAML'"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l port -d 'Port the bootstrap listens on, on 127.0.0.1' -r
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -l color -d 'When to use colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s R -l recursive -d 'Read directories recursively'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s q -l quiet -d 'Say nothing on success but the exit code'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from translate" -s V -l version -d 'Print version'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "translate" -d 'Print the Envoy configuration that istiod would send to a workload\'s sidecar'
complete -c meshsec -n "__fish_meshsec_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
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
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy completion man version help" -f -a "simulate" -d 'Ask what would become of a request'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy completion man version help" -f -a "policy" -d 'Look at policies themselves'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy completion man version help" -f -a "completion" -d 'Print the completion script of a shell'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy completion man version help" -f -a "man" -d 'Print the manual page, or write one page per command into a directory'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy completion man version help" -f -a "version" -d 'Print the version, and what its answers were checked against'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and not __fish_seen_subcommand_from simulate policy completion man version help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from simulate" -f -a "request" -d 'Put one request to the mesh and learn what becomes of it, and why'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from simulate" -f -a "batch" -d 'Put one request per line to the mesh, in order, on every core'
complete -c meshsec -n "__fish_meshsec_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "translate" -d 'Print the Envoy configuration that istiod would send to a workload\'s sidecar'
