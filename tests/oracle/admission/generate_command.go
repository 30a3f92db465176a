package admission

import (
	"bufio"
	"encoding/json"
	"flag"
	"io"
)

// Recorded is a document with what the real gates said about it.
type Recorded struct {
	Answer
	YAML string `json:"yaml"`
}

func generateCommand(args []string, out io.Writer) (int, error) {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	documents := flags.Uint64("documents", 1000, "how many")
	seed := flags.Uint64("seed", 1, "the same seed gives the same documents")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	gates, err := Load()
	if err != nil {
		return 3, err
	}
	buffered := bufio.NewWriter(out)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for number := range *documents {
		text := Document(*seed, number)
		answer, err := gates.Judge(text)
		if err != nil {
			return 3, err
		}
		if err := encoder.Encode(Recorded{answer, text}); err != nil {
			return 3, err
		}
	}
	return 0, buffered.Flush()
}
