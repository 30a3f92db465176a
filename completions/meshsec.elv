
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
            cand completion 'Print the completion script of a shell'
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
            cand --request 'The whole scenario from a YAML or JSON file, or `-`; flags override its keys'
            cand --from 'Caller: `namespace/workload`, or a principal `spiffe://..`; absent: someone outside the mesh'
            cand --from-ip 'Source address as the destination''s proxy sees it'
            cand --to 'Destination: `service.namespace[:port]` or `namespace/workload[:port]`'
            cand --protocol 'Application protocol; by the port when absent'
            cand -X 'Method'
            cand --method 'Method'
            cand --path 'Request target with its query'
            cand --host 'Host the caller writes'
            cand -H 'Request header `name: value`; repeatable'
            cand --header 'Request header `name: value`; repeatable'
            cand --token 'Bearer token, or `@FILE`'
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
            cand --fetch-jwks 'Fetch every `jwksUri` that no `--jwks` names from the network'
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
            cand --jwks 'Key set of an issuer or `jwksUri`: a file, or `unreachable`; repeatable'
            cand -j 'Threads; one per core when absent'
            cand --jobs 'Threads; one per core when absent'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand --fetch-jwks 'Fetch every `jwksUri` that no `--jwks` names from the network'
            cand --explain 'Also write the trace of each decision'
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
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;simulate;help;request'= {
        }
        &'meshsec;simulate;help;batch'= {
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
            cand translate 'Print the Envoy configuration that istiod would send to a workload''s sidecar'
            cand help 'Print this message or the help of the given subcommand(s)'
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
            cand -w 'The workload: `namespace/name`'
            cand --workload 'The workload: `namespace/name`'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --port 'Port the bootstrap listens on, on 127.0.0.1'
            cand --color 'When to use colour'
            cand -R 'Read directories recursively'
            cand --recursive 'Read directories recursively'
            cand -q 'Say nothing on success but the exit code'
            cand --quiet 'Say nothing on success but the exit code'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'meshsec;policy;help'= {
            cand translate 'Print the Envoy configuration that istiod would send to a workload''s sidecar'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;policy;help;translate'= {
        }
        &'meshsec;policy;help;help'= {
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
            cand completion 'Print the completion script of a shell'
            cand man 'Print the manual page, or write one page per command into a directory'
            cand version 'Print the version, and what its answers were checked against'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'meshsec;help;simulate'= {
            cand request 'Put one request to the mesh and learn what becomes of it, and why'
            cand batch 'Put one request per line to the mesh, in order, on every core'
        }
        &'meshsec;help;simulate;request'= {
        }
        &'meshsec;help;simulate;batch'= {
        }
        &'meshsec;help;policy'= {
            cand translate 'Print the Envoy configuration that istiod would send to a workload''s sidecar'
        }
        &'meshsec;help;policy;translate'= {
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
