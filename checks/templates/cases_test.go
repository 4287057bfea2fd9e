package templates_test

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// server is a practice server of a template's cases, put together from all
// sections that have its name.
type server struct {
	name   string // such as "bad" or "good look-alike"
	nature string // its first word: what the template must say
	pages  map[string][]byte
	talk   []line
}

// line is one part of a talk over TCP.
type line struct {
	from byte // '<' the server says it, '>' the client must
	text string
}

var natures = []string{"bad", "good", "unknown"}

// readCases reads the servers of an archive. Its comment is one line that says
// what the cases are. A section is named
//
//	NATURE [VARIANT]: METHOD TARGET [quoted]
//	NATURE [VARIANT]: tcp
//
// NATURE is bad (found), good (not found) or unknown (found by the matcher
// named undetermined alone); sections with the same words before the colon are
// one server. TARGET is a path, with its query if it has one, or * for all
// others, and the content a response over HTTP, to which Content-Length is
// added; {host} in a header stands for the server's own Host; with "quoted" the
// lines of its body are Go strings without line ends between. The content of
// tcp is lines "< STRING" that the server says and "> STRING" that it expects,
// Go strings too; at the end it hangs up.
func readCases(archive *txtar.Archive) ([]*server, error) {
	if c := bytes.TrimSpace(archive.Comment); len(c) == 0 || bytes.Contains(c, []byte("\n")) {
		return nil, fmt.Errorf("the comment is to be one line")
	}
	var out []*server
	for _, f := range archive.Files {
		name, what, ok := strings.Cut(f.Name, ": ")
		nature, _, _ := strings.Cut(name, " ")
		if !ok || !slices.Contains(natures, nature) {
			return nil, fmt.Errorf("section %q is none of %s", f.Name, strings.Join(natures, ", "))
		}
		i := slices.IndexFunc(out, func(s *server) bool { return s.name == name })
		if i < 0 {
			i, out = len(out), append(out, &server{name: name, nature: nature, pages: map[string][]byte{}})
		}
		if err := out[i].add(what, f.Data); err != nil {
			return nil, fmt.Errorf("section %q: %w", f.Name, err)
		}
	}
	return out, nil
}

func (s *server) add(what string, data []byte) (err error) {
	words := strings.Fields(what)
	switch {
	case what == "tcp":
		s.talk, err = readTalk(string(data))
		return err
	case len(words) == 2, len(words) == 3 && words[2] == "quoted":
		key := words[0] + " " + words[1]
		if s.pages[key] != nil {
			return fmt.Errorf("stands there twice")
		}
		s.pages[key], err = readResponse(string(data), len(words) == 3)
		return err
	}
	return fmt.Errorf("wants METHOD PATH or tcp")
}

func readTalk(data string) (talk []line, err error) {
	for l := range strings.Lines(data) {
		l = strings.TrimSpace(l)
		if len(l) < 3 || l[0] != '<' && l[0] != '>' {
			return nil, fmt.Errorf("line %q", l)
		}
		text, err := strconv.Unquote(l[2:])
		if err != nil {
			return nil, fmt.Errorf("line %q: %w", l, err)
		}
		talk = append(talk, line{l[0], text})
	}
	return talk, nil
}

// readResponse gives the bytes to send.
func readResponse(data string, quoted bool) ([]byte, error) {
	head, body, _ := strings.Cut(data, "\n\n")
	head = strings.TrimRight(head, "\n")
	if !strings.HasPrefix(head, "HTTP/1.") {
		return nil, fmt.Errorf("begins with no status line")
	}
	if quoted {
		var raw strings.Builder
		for l := range strings.Lines(body) {
			text, err := strconv.Unquote(strings.TrimSpace(l))
			if err != nil {
				return nil, fmt.Errorf("line %q: %w", l, err)
			}
			raw.WriteString(text)
		}
		body = raw.String()
	}
	if !strings.Contains(strings.ToLower(head), "\ncontent-length:") {
		head += "\nContent-Length: " + strconv.Itoa(len(body))
	}
	return []byte(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body), nil
}
