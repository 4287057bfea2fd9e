package templates_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

func TestReadCases(t *testing.T) {
	servers, err := readCases(txtar.Parse([]byte(`What is shown.
-- bad old: GET /a --
HTTP/1.1 200 OK
Server: x

body
-- bad old: GET /b quoted --
HTTP/1.1 200 OK

"\x00a"
"b"
-- good: tcp --
> "ruok"
< "no\r\n"
`)))
	if err != nil || len(servers) != 2 {
		t.Fatal(servers, err)
	}
	for key, want := range map[string]string{
		"GET /a": "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\n\r\nbody\n",
		"GET /b": "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\x00ab",
	} {
		if got := string(servers[0].pages[key]); got != want {
			t.Errorf("%s: %q, not %q", key, got, want)
		}
	}
	if got := servers[1].talk; len(got) != 2 || got[0] != (line{'>', "ruok"}) || got[1] != (line{'<', "no\r\n"}) {
		t.Errorf("talk: %v", got)
	}
	for _, wrong := range []string{
		"two\nlines\n-- bad: tcp --\n", "x\n-- worse: tcp --\n", "x\n-- bad: GET --\n", "x\n-- bad: GET /a --\nbody only\n", "x\n-- bad: tcp --\nruok\n",
	} {
		if _, err := readCases(txtar.Parse([]byte(wrong))); err == nil {
			t.Errorf("taken: %q", wrong)
		}
	}
}
