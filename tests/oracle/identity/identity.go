// Package identity asks go-spiffe, and istiod where it has code of its own, about identities, bundles and certificates.
package identity

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

const usage = `usage:
  oracle spiffe ids    < TEXTS.jsonl      each line a JSON string
  oracle spiffe bundle < DOCUMENTS.jsonl  each line {"form": "spiffe" or "pem", "text": ..}
  oracle spiffe svid   < SVIDS.jsonl      each line {"certificates", "key", "form", "bundle", "trustDomain", "at"}
  oracle spiffe jwt    < TOKENS.jsonl     each line {"token", "bundle", "trustDomain", "audience"}
  oracle spiffe make                      bundles and SVIDs made by go-spiffe and Go, one a line
`

// Main answers each line of standard input with one line.
func Main(args []string) (int, error) {
	if len(args) != 1 {
		return 2, errors.New(usage)
	}
	var err error
	switch args[0] {
	case "ids":
		err = eachLine(os.Stdin, os.Stdout, readID)
	case "bundle":
		asker := newIstiod()
		defer asker.close()
		err = eachLine(os.Stdin, os.Stdout, asker.readBundle)
	case "svid":
		err = eachLine(os.Stdin, os.Stdout, verifySVID)
	case "jwt":
		err = eachLine(os.Stdin, os.Stdout, verifyToken)
	case "make":
		err = makeAll(os.Stdout)
	default:
		return 2, errors.New(usage)
	}
	if err != nil {
		return 3, err
	}
	return 0, nil
}

func eachLine[Question, Answer any](in io.Reader, out io.Writer, answer func(Question) Answer) error {
	decoder := json.NewDecoder(in)
	buffered := bufio.NewWriter(out)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for number := 1; ; number++ {
		var question Question
		if err := decoder.Decode(&question); errors.Is(err, io.EOF) {
			return buffered.Flush()
		} else if err != nil {
			return fmt.Errorf("question %d: %w", number, err)
		}
		if err := encoder.Encode(answer(question)); err != nil {
			return err
		}
	}
}

// words is the text of an error, or nothing.
func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
