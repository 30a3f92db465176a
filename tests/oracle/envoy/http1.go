package envoy

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Request is one HTTP request, exactly as it goes out.
type Request struct {
	Method, Path, Host string
	Scheme             string
	Headers            [][2]string
	GRPC               bool
}

// Response is what came back.
type Response struct {
	Status     int
	Details    string // why, in the proxy's words
	Peer       string // the client identity that the proxy saw
	Body       string
	GRPCStatus string
	Close      bool // no further request fits on this connection
}

// Bytes is the request as HTTP/1.1 text; nothing is escaped or checked.
func (r *Request) Bytes() []byte {
	var out bytes.Buffer
	out.WriteString(r.Method + " " + r.Path + " HTTP/1.1\r\nHost: " + r.Host + "\r\n")
	for _, h := range r.Headers {
		out.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	out.WriteString("\r\n")
	return out.Bytes()
}

// Alone says whether the request can upset the framing of its connection.
func (r *Request) Alone() bool {
	if r.Method == "CONNECT" || strings.ContainsAny(r.Path, " \r\n\t\x00") || strings.ContainsAny(r.Method, " \r\n") {
		return true
	}
	for _, h := range r.Headers {
		switch strings.ToLower(h[0]) {
		case "content-length", "transfer-encoding", "connection", "upgrade", "expect", "keep-alive", "proxy-connection", "te", "trailer":
			return true
		}
	}
	return false
}

// Send writes bytes within the usual patience.
func (c *Conn) Send(data []byte) error {
	_ = c.SetDeadline(time.Now().Add(Patience))
	_, err := c.Write(data)
	return err
}

// ReadHTTP1 reads the next response to a request with the given method.
func (c *Conn) ReadHTTP1(method string) (*Response, error) {
	for {
		response, err := c.readOne(method)
		if err != nil || response.Status >= 200 || response.Status == 101 {
			return response, err
		}
	}
}

func (c *Conn) readOne(method string) (*Response, error) {
	line, err := c.reader.ReadString('\n')
	if err != nil {
		return nil, err
	}
	fields := strings.SplitN(strings.TrimRight(line, "\r\n"), " ", 3)
	if len(fields) < 2 || !strings.HasPrefix(fields[0], "HTTP/1.") {
		return nil, fmt.Errorf("not an HTTP response: %q", line)
	}
	r := &Response{}
	if r.Status, err = strconv.Atoi(fields[1]); err != nil {
		return nil, err
	}
	length, chunked := int64(0), false
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := strings.Cut(string(line), ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(name) {
		case "content-length":
			if length, err = strconv.ParseInt(value, 10, 64); err != nil {
				return nil, err
			}
		case "transfer-encoding":
			chunked = strings.Contains(value, "chunked")
		case "connection":
			r.Close = strings.EqualFold(value, "close")
		default:
			r.note(strings.ToLower(name), value)
		}
	}
	if method == "HEAD" || r.Status < 200 || r.Status == 204 || r.Status == 304 {
		return r, nil
	}
	if chunked {
		r.Close = true
		return r, nil
	}
	body := make([]byte, length)
	_, err = io.ReadFull(c.reader, body)
	r.Body = string(body)
	return r, err
}

// note keeps the headers that matter here.
func (r *Response) note(name, value string) {
	switch name {
	case detailsHeader:
		r.Details = value
	case peerHeader:
		if value != "-" {
			r.Peer = value
		}
	case "grpc-status":
		r.GRPCStatus = value
	case "grpc-message":
		r.Body = value
	}
}
