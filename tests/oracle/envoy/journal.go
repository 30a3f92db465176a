package envoy

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// journalFormat is one line per connection, keyed by the address that the client claimed.
const journalFormat = "%DOWNSTREAM_REMOTE_ADDRESS%\t%CONNECTION_TERMINATION_DETAILS%\t%RESPONSE_FLAGS%\t" +
	"%DOWNSTREAM_PEER_URI_SAN%\t%DOWNSTREAM_TRANSPORT_FAILURE_REASON%\t%RESPONSE_CODE_DETAILS%\n"

// Closing is what the proxy noted when a connection ended.
type Closing struct {
	Details  string
	Flags    string
	Peer     string
	TLSError string
}

// journal follows the listeners' access log.
type journal struct {
	lock    sync.Mutex
	entries map[string]Closing
	wanted  map[string]chan Closing
	stop    chan struct{}
}

func follow(path string) *journal {
	j := &journal{entries: map[string]Closing{}, wanted: map[string]chan Closing{}, stop: make(chan struct{})}
	go j.read(path)
	return j
}

func (j *journal) read(path string) {
	var file *os.File
	for file == nil {
		opened, err := os.Open(path)
		if err == nil {
			file = opened
			break
		}
		if !j.pause() {
			return
		}
	}
	defer file.Close()
	reader := bufio.NewReaderSize(file, 1<<16)
	partial := ""
	for {
		line, err := reader.ReadString('\n')
		partial += line
		if err == nil {
			j.note(strings.TrimSuffix(partial, "\n"))
			partial = ""
			continue
		}
		if !errors.Is(err, io.EOF) || !j.pause() {
			return
		}
	}
}

func (j *journal) pause() bool {
	select {
	case <-j.stop:
		return false
	case <-time.After(time.Millisecond):
		return true
	}
}

func (j *journal) note(line string) {
	fields := strings.Split(line, "\t")
	if len(fields) < 6 {
		return
	}
	for i, f := range fields {
		if f == "-" {
			fields[i] = ""
		}
	}
	c := Closing{Details: fields[1], Flags: fields[2], Peer: fields[3], TLSError: fields[4]}
	if c.Details == "" {
		c.Details = fields[5]
	}
	j.lock.Lock()
	defer j.lock.Unlock()
	if waiting, ok := j.wanted[fields[0]]; ok {
		delete(j.wanted, fields[0])
		waiting <- c
		return
	}
	j.entries[fields[0]] = c
}

// closing waits for the line of one connection.
func (j *journal) closing(from string, patience time.Duration) (Closing, bool) {
	j.lock.Lock()
	if c, ok := j.entries[from]; ok {
		delete(j.entries, from)
		j.lock.Unlock()
		return c, true
	}
	arrival := make(chan Closing, 1)
	j.wanted[from] = arrival
	j.lock.Unlock()
	select {
	case c := <-arrival:
		return c, true
	case <-time.After(patience):
		j.lock.Lock()
		delete(j.wanted, from)
		j.lock.Unlock()
		select {
		case c := <-arrival:
			return c, true
		default:
			return Closing{}, false
		}
	}
}
