package checks

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// setCookie is a Set-Cookie header as a browser reads it: RFC 6265 §5.2.
// net/http refuses many that browsers take.
type setCookie struct {
	Name, Value      string
	Secure, HTTPOnly bool
	SameSite         string // "Strict", "Lax", "None" or, absent or another, ""
	Expires          time.Time
	MaxAge           int // seconds; 0 or less: delete
	HasMaxAge        bool
}

func parseSetCookie(header string) (setCookie, bool) {
	pair, attributes, _ := strings.Cut(header, ";")
	name, value, ok := strings.Cut(pair, "=")
	c := setCookie{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)}
	if !ok || c.Name == "" {
		return setCookie{}, false
	}
	for attribute := range strings.SplitSeq(attributes, ";") {
		name, value, _ := strings.Cut(attribute, "=")
		c.set(strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value))
	}
	return c, true
}

func (c *setCookie) set(name, value string) {
	switch name {
	case "secure":
		c.Secure = true
	case "httponly":
		c.HTTPOnly = true
	case "samesite":
		c.SameSite = map[string]string{"strict": "Strict", "lax": "Lax", "none": "None"}[strings.ToLower(value)]
	case "expires":
		if at, err := http.ParseTime(value); err == nil {
			c.Expires = at
		} else if at, err := time.Parse("Mon, 02-Jan-2006 15:04:05 MST", value); err == nil {
			c.Expires = at
		}
	case "max-age":
		if n, err := strconv.Atoi(value); err == nil {
			c.MaxAge, c.HasMaxAge = n, true
		}
	}
}

// deletes tells that the header takes a cookie away instead of setting one.
func (c setCookie) deletes(now time.Time) bool {
	if c.HasMaxAge {
		return c.MaxAge <= 0
	}
	return !c.Expires.IsZero() && c.Expires.Before(now)
}

// cookieJar holds cookies from one redirect to the next on the same origin:
// some servers redirect for ever until theirs comes back.
type cookieJar map[string]string

func (j cookieJar) keep(h http.Header, now time.Time) {
	for _, line := range h.Values("Set-Cookie") {
		if c, ok := parseSetCookie(line); ok && !c.deletes(now) {
			j[c.Name] = c.Value
		} else if ok {
			delete(j, c.Name)
		}
	}
}

func (j cookieJar) String() string {
	var pairs []string
	for name, value := range j {
		pairs = append(pairs, name+"="+value)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "; ")
}
