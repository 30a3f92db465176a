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
  oracle admission generate --documents N --seed S  random documents with the real answers, one a line
`

// Main runs the subcommand and returns its exit code.
func Main(args []string) (int, error) {
	if len(args) == 0 {
		return 2, errors.New(usage)
	}
	switch args[0] {
	case "judge":
		return judgeCommand(os.Stdin, os.Stdout)
	case "generate":
		return generateCommand(args[1:], os.Stdout)
	default:
		return 2, errors.New(usage)
	}
}

func judgeCommand(in io.Reader, out io.Writer) (int, error) {
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
		if err := encoder.Encode(answer); err != nil {
			return 3, err
		}
	}
	if err := lines.Err(); err != nil {
		return 2, err
	}
	return 0, buffered.Flush()
}
