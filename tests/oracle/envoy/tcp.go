package envoy

import (
	"strings"
)

// Exchange sends the ping and reads what comes back: the application's reply, the proxy's HTTP error, or nothing.
func (c *Conn) Exchange() (*Response, error) {
	if err := c.Send([]byte(Ping)); err != nil {
		return nil, err
	}
	head, err := c.reader.Peek(5)
	if err != nil {
		return nil, err
	}
	if string(head) == "HTTP/" {
		return c.ReadHTTP1("GET")
	}
	line, err := c.reader.ReadString('\n')
	if err != nil {
		return nil, err
	}
	way, _, _ := strings.Cut(line, ":")
	return &Response{Details: "app-" + way}, nil
}
