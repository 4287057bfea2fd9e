package ask

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// maxLine bounds a line, in bytes: a path is at most 4096 on Linux.
const maxLine = 16 << 10

// lines reads lines until the input or the context ends. A line too long is
// cut; what is left of it is passed over.
func lines(ctx context.Context, in io.Reader) func() (string, bool) {
	ch := make(chan string)
	go func() {
		defer close(ch)
		r := bufio.NewReaderSize(in, maxLine)
		for {
			b, err := r.ReadSlice('\n')
			line := string(b)
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = r.ReadSlice('\n')
			}
			if err != nil && line == "" {
				return
			}
			select {
			case ch <- strings.TrimSpace(line):
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return func() (string, bool) {
		select {
		case line, ok := <-ch:
			return line, ok
		case <-ctx.Done():
			return "", false
		}
	}
}

var (
	dayFirst  = regexp.MustCompile(`^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$`)
	yearFirst = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})$`)
)

// day reads a date as people write it: 24/11/2026, 24-11-2026, 24.11.2026 or
// 2026-11-24.
func day(s string) (inventory.Date, bool) {
	if m := dayFirst.FindStringSubmatch(s); m != nil {
		t, err := time.ParseInLocation("2/1/2006", m[1]+"/"+m[2]+"/"+m[3], inventory.Vietnam)
		return inventory.Date{Time: t}, err == nil
	}
	if !yearFirst.MatchString(s) {
		return inventory.Date{}, false
	}
	d, err := inventory.ParseDate(s)
	return d, err == nil
}

var drive = regexp.MustCompile(`^/[A-Za-z]:[/\\]`)

// paths gives what a line may mean as a path, the likeliest first. Terminals
// write a file that is dropped into them in quotes, with spaces escaped, or as
// a URL.
func paths(s string) []string {
	s = strings.TrimSpace(strings.TrimPrefix(s, "& ")) // PowerShell's
	out := []string{s}
	for _, q := range []string{"'", `"`} {
		if len(s) > 1 && strings.HasPrefix(s, q) && strings.HasSuffix(s, q) {
			inner := s[1 : len(s)-1]
			if q == "'" {
				inner = strings.ReplaceAll(inner, `'\''`, "'")
			}
			out = []string{inner, s}
		}
	}
	if u, err := url.Parse(out[0]); err == nil && u.Scheme == "file" && (u.Host == "" || u.Host == "localhost") {
		path := u.Path
		if drive.MatchString(path) {
			path = path[1:]
		}
		return append([]string{path}, out...)
	}
	if plain := escaped.ReplaceAllString(s, "$1"); plain != s && len(out) == 1 {
		out = append(out, plain)
	}
	return out
}

// escaped is a character that a shell would take for more than itself.
var escaped = regexp.MustCompile(`\\([^A-Za-z0-9])`)
