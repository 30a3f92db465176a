package authority

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// Main is `oracle authority`.
func Main(args []string) int {
	if len(args) == 0 {
		return usage()
	}
	switch args[0] {
	case "agree":
		return Agree(args[1:])
	case "proxies":
		return Proxies(args[1:])
	case "load":
		return load()
	default:
		return usage()
	}
}

func usage() int {
	fmt.Fprintln(os.Stderr, `usage:
  oracle authority agree --meshsec BINARY [--cases N] [--seed S] [--keep DIR]
  oracle authority proxies --meshsec BINARY [--cases N] [--seed S]     # with ENVOY_BIN
  oracle authority load < DIRECTORIES.jsonl     # {"dir": "cacerts/", "csr": "PEM, optional"} a line`)
	return 2
}

// load answers a line of JSON for each line of JSON: whether istiod loads a directory, what its peers say, and, when there
// is a request, the chain that istiod signs for it.
func load() int {
	type question struct {
		Dir string `json:"dir"`
		CSR string `json:"csr"`
	}
	type reply struct {
		Dir      string `json:"dir"`
		Accepted bool   `json:"accepted"`
		Error    string `json:"error,omitempty"`
		Agents   bool   `json:"agents"`
		Peer     string `json:"peer,omitempty"`
		Chain    string `json:"chain,omitempty"`
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			fmt.Fprintln(os.Stderr, "oracle authority load:", err)
			return 2
		}
		r := reply{Dir: q.Dir}
		authority, files, err := Load(q.Dir)
		switch {
		case errors.Is(err, errSelfSigned):
			r.Error = err.Error()
		case err != nil:
			r.Error = err.Error()
		default:
			r.Accepted = true
			if refused := peer(authority, files, time.Now()); refused != nil {
				r.Peer = refused.Error()
			} else {
				r.Agents = true
			}
			if q.CSR != "" {
				chain, err := Sign(authority, []byte(q.CSR))
				if err != nil {
					r.Peer = err.Error()
				}
				r.Chain = chain
			}
		}
		if err := out.Encode(r); err != nil {
			return 3
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "oracle authority load:", err)
		return 2
	}
	return 0
}
