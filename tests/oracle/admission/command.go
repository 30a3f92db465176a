package admission

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

const usage = `usage:
  oracle admission judge < DOCUMENTS.jsonl          {"id", "yaml"} a line
  oracle admission record < DOCUMENTS.jsonl         the same, with the document in each answer: how tests/conformance/admission.jsonl is made
  oracle admission generate --documents N --seed S  random documents with the real answers, one a line
  oracle admission serve                            istiod's webhook behind TLS; prints {"url", "caBundle"}, ends when the input closes
  oracle admission definitions                      Istio's resource definitions, as YAML
  oracle admission agree --meshsec BINARY --documents N --seed S   the same documents put to meshsec
`

// Main runs the subcommand and returns its exit code.
func Main(args []string) (int, error) {
	if len(args) == 0 {
		return 2, errors.New(usage)
	}
	switch args[0] {
	case "judge":
		return judgeCommand(os.Stdin, os.Stdout, func(_ Question, a Answer) any { return a })
	case "record":
		return judgeCommand(os.Stdin, os.Stdout, func(q Question, a Answer) any { return Recorded{a, q.YAML} })
	case "serve":
		return serveCommand(args[1:], os.Stdin, os.Stdout)
	case "definitions":
		return definitionsCommand(os.Stdout)
	case "agree":
		return agreeCommand(args[1:], os.Stdout, os.Stderr)
	case "generate":
		return generateCommand(args[1:], os.Stdout)
	default:
		return 2, errors.New(usage)
	}
}

func judgeCommand(in io.Reader, out io.Writer, shown func(Question, Answer) any) (int, error) {
	gates, err := Load()
	if err != nil {
		return 3, err
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	buffered := bufio.NewWriter(out)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for number := 1; lines.Scan(); number++ {
		var question Question
		if err := json.Unmarshal(lines.Bytes(), &question); err != nil {
			return 2, fmt.Errorf("line %d: %w", number, err)
		}
		answer, err := gates.Judge(question.YAML)
		if err != nil {
			return 3, fmt.Errorf("line %d: %w", number, err)
		}
		answer.ID = question.ID
		if err := encoder.Encode(shown(question, answer)); err != nil {
			return 3, err
		}
	}
	if err := lines.Err(); err != nil {
		return 2, err
	}
	return 0, buffered.Flush()
}
