// Command oracle asks istiod's own code and the real Envoy what a mesh does with a request.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"oracle/admission"
	"oracle/agree"
	"oracle/answer"
	"oracle/authority"
	"oracle/identity"
	"oracle/scenario"
	"oracle/translate"
)

const usage = `usage:
  oracle answer -f MESH.yaml [REQUESTS.jsonl]
  oracle config -f MESH.yaml --workload NAMESPACE/NAME
  oracle translate-diff --meshsec BINARY -f MESH.yaml [--workload NAMESPACE/NAME]
  oracle agree ...
  oracle authority agree|load ...
  oracle admission judge ...
  oracle spiffe ids|bundle|svid|make
`

func main() {
	answer.RunChild()
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
	}
	os.Exit(code)
}

func run(args []string) (int, error) {
	if len(args) == 0 {
		return 2, errors.New(usage)
	}
	switch args[0] {
	case "answer":
		return answerCommand(args[1:])
	case "config":
		return configCommand(args[1:])
	case "translate-diff":
		return diffCommand(args[1:])
	case "agree":
		return agree.Main(args[1:]), nil
	case "admission":
		return admission.Main(args[1:])
	case "authority":
		return authority.Main(args[1:]), nil
	case "spiffe":
		return identity.Main(args[1:])
	default:
		return 2, errors.New(usage)
	}
}

func answerCommand(args []string) (int, error) {
	flags := flag.NewFlagSet("answer", flag.ContinueOnError)
	file := flags.String("f", "", "manifests")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	manifests, err := os.ReadFile(*file)
	if err != nil {
		return 2, err
	}
	lines, err := input(flags.Arg(0))
	if err != nil {
		return 2, err
	}
	requests, err := scenario.ParseLines(lines)
	if err != nil {
		return 2, err
	}
	answers, err := answer.Answer(context.Background(), answer.Mesh{Manifests: string(manifests)}, requests)
	if err != nil {
		return 3, err
	}
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, a := range answers {
		if err := encoder.Encode(a); err != nil {
			return 3, err
		}
	}
	return 0, out.Flush()
}

func input(name string) ([]byte, error) {
	if name == "" || name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}

func configCommand(args []string) (int, error) {
	flags := flag.NewFlagSet("config", flag.ContinueOnError)
	file := flags.String("f", "", "manifests")
	workload := flags.String("workload", "", "namespace/name")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	manifests, err := os.ReadFile(*file)
	if err != nil {
		return 2, err
	}
	text, err := translate.Config(answer.Mesh{Manifests: string(manifests)}, *workload)
	if err != nil {
		return 3, err
	}
	fmt.Println(string(text))
	return 0, nil
}

func diffCommand(args []string) (int, error) {
	flags := flag.NewFlagSet("translate-diff", flag.ContinueOnError)
	file := flags.String("f", "", "manifests")
	workload := flags.String("workload", "", "namespace/name; all sidecars without it")
	meshsec := flags.String("meshsec", "meshsec", "the binary to compare")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	manifests, err := os.ReadFile(*file)
	if err != nil {
		return 2, err
	}
	found, err := translate.DiffWorkload(answer.Mesh{Manifests: string(manifests)}, *meshsec, *workload)
	if err != nil {
		return 3, err
	}
	for _, text := range found {
		fmt.Println(text)
	}
	if len(found) > 0 {
		return 1, nil
	}
	return 0, nil
}
