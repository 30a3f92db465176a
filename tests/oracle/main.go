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

	"oracle/agree"
	"oracle/answer"
	"oracle/scenario"
)

const usage = `usage:
  oracle answer -f MESH.yaml [REQUESTS.jsonl]
  oracle agree ...
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
	case "agree":
		return agree.Main(args[1:]), nil
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
