package authority

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
	case "vectors":
		return Vectors(args[1:])
	case "proxies":
		return Proxies(args[1:])
	case "load":
		return load()
	case "make":
		return makeCases(args[1:])
	default:
		return usage()
	}
}

func usage() int {
	fmt.Fprintln(os.Stderr, `usage:
  oracle authority agree --meshsec BINARY [--cases N] [--seed S] [--keep DIR]
  oracle authority proxies --meshsec BINARY [--cases N] [--seed S]     # with ENVOY_BIN
  oracle authority vectors --meshsec BINARY     # Istio's sample files, changes of the trust bundle
  oracle authority make [--cases N] [--seed S] DIR     # the files of cases, to look at
  oracle authority load < DIRECTORIES.jsonl     # {"dir": "cacerts/", "csr": "PEM, optional"} a line`)
	return 2
}

// makeCases writes generated files, each case into a directory named by its seed, with what was done to them.
func makeCases(args []string) int {
	flags := flag.NewFlagSet("oracle authority make", flag.ContinueOnError)
	count := flags.Int("cases", 1, "how many sets of files")
	seed := flags.Uint64("seed", 1, "the first case's seed")
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 {
		return usage()
	}
	for number := range *count {
		c := Make(*seed+uint64(number), time.Now())
		dir := filepath.Join(flags.Arg(0), fmt.Sprint(c.Seed))
		if err := c.write(dir); err != nil {
			fmt.Fprintln(os.Stderr, "oracle authority make:", err)
			return 3
		}
		fmt.Println(dir, strings.Join(c.Done, "; "))
	}
	return 0
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
