// Package webpage reads off a page of HTML what it loads and where it sends
// what people type. It asks nobody for anything.
package webpage

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Bounds of one page.
const (
	maxTokens = 50_000 // tags and texts that are looked at
	maxItems  = 200    // of each kind
	maxText   = 300    // bytes of one attribute or title
)

// Page is what a page says.
type Page struct {
	Title     string
	Generator string // meta generator: the software that made it
	Resources []Resource
	Forms     []Form
	CSP       []string // policies in meta elements of the head; elsewhere browsers ignore them: CSP 3 §3.3
	Referrer  string   // the last referrer policy in a meta element
	Links     []string // where its links lead, absolute
	Password  bool     // it asks for a password
	Skeleton  uint64   // a hash of its tags in order, which words and tokens do not change
	Tags      int
	Head      bool // its head was read to the end, and nothing was left out of it
	Whole     bool // it was read to its end, and nothing was left out for the bounds
}

// Resource is something that a browser loads with the page.
type Resource struct {
	URL       *url.URL
	Active    bool // it can change the page: script, style, frame
	Code      bool // script or style, for which SRI exists: W3C SRI §3.6
	Integrity bool
}

// Form is where a form sends what people type.
type Form struct {
	Action   *url.URL
	Password bool
}

// Read reads a page that came from at. What is no HTML gives an empty page.
func Read(body []byte, at *url.URL) Page {
	r := reader{base: at, at: at}
	t := html.NewTokenizer(bytes.NewReader(body))
	t.SetMaxBuf(256 << 10)
	for range maxTokens {
		switch t.Next() {
		case html.ErrorToken:
			r.Whole = !r.full && errors.Is(t.Err(), io.EOF)
			return r.Page
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(t)
		case html.EndTagToken:
			name, _ := t.TagName()
			r.end(string(name))
		case html.TextToken:
			if r.inTitle && r.Title == "" {
				r.Title = cut(strings.Join(strings.Fields(string(t.Text())), " "))
			}
		case html.CommentToken, html.DoctypeToken:
		}
	}
	return r.Page
}

type reader struct {
	Page
	base, at *url.URL
	based    bool
	inTitle  bool
	inForm   bool
	headOver bool
	inert    int  // templates and noscripts around: browsers that run scripts take nothing in them for part of the head
	full     bool // something was left out for the bounds
}

// inHead are the elements that do not end the head of a page: HTML §13.2.6.4.4.
var inHead = []string{"html", "head", "title", "base", "link", "meta", "script", "style", "noscript", "template", "basefont", "bgsound", "noframes"}

func (r *reader) end(name string) {
	switch name {
	case "title":
		r.inTitle = false
	case "form":
		r.inForm = false
	case "head":
		r.endHead()
	case "template", "noscript":
		r.inert = max(0, r.inert-1)
	}
}

func (r *reader) start(t *html.Tokenizer) {
	name, more := t.TagName()
	tag, attr := string(name), map[string]string{}
	r.Tags++
	for _, b := range append(name[:len(name):len(name)], '<') {
		r.Skeleton = (r.Skeleton ^ uint64(b)) * 1099511628211 // FNV-1a
	}
	for range 100 {
		if !more {
			break
		}
		var k, v []byte
		k, v, more = t.TagAttr()
		if _, twice := attr[string(k)]; !twice {
			attr[string(k)] = strings.TrimSpace(string(v))
		}
	}
	r.full = r.full || more
	switch {
	case tag == "template", tag == "noscript":
		r.inert++
	case r.inert == 0 && !slices.Contains(inHead, tag):
		r.endHead()
	}
	switch tag {
	case "title":
		r.inTitle = true
	case "base":
		if u := r.resolve(attr["href"]); u != nil && !r.based {
			r.base, r.based = u, true
		}
	case "meta":
		r.meta(attr)
	case "a":
		if u := r.resolve(attr["href"]); u != nil && len(r.Links) < maxItems {
			r.Links = append(r.Links, u.String())
		}
	case "form":
		r.form(attr)
	case "input":
		if strings.EqualFold(attr["type"], "password") {
			r.Password = true
			if r.inForm {
				r.Forms[len(r.Forms)-1].Password = true
			}
		}
	default:
		r.load(tag, attr)
	}
}

func (r *reader) form(attr map[string]string) {
	action := r.resolve(attr["action"])
	if attr["action"] == "" {
		action = r.at
	}
	if r.inForm = action != nil && r.room(len(r.Forms)); r.inForm {
		r.Forms = append(r.Forms, Form{Action: action})
	}
}

func (r *reader) meta(attr map[string]string) {
	content := attr["content"]
	switch strings.ToLower(attr["http-equiv"]) {
	case "content-security-policy":
		if content != "" && !r.headOver && r.inert == 0 && r.room(len(r.CSP)) {
			r.CSP = append(r.CSP, content)
		}
	}
	switch strings.ToLower(attr["name"]) {
	case "generator":
		if r.Generator == "" {
			r.Generator = cut(content)
		}
	case "referrer":
		r.Referrer = cut(strings.ToLower(content))
	}
}

// load notes what a browser loads because of an element.
func (r *reader) load(tag string, attr map[string]string) {
	res := Resource{Integrity: attr["integrity"] != ""}
	ref := attr["src"]
	switch tag {
	case "script":
		res.Active, res.Code = true, true
	case "iframe", "frame", "embed":
		res.Active = true
	case "object":
		res.Active, ref = true, attr["data"]
	case "link":
		rel := strings.Fields(strings.ToLower(attr["rel"]))
		ref = attr["href"]
		switch {
		case slices.Contains(rel, "stylesheet"):
			res.Active, res.Code = true, true
		case slices.Contains(rel, "icon"):
		default:
			return
		}
	case "img", "audio", "video", "source", "track":
	default:
		return
	}
	if res.URL = r.resolve(ref); res.URL != nil && r.room(len(r.Resources)) {
		r.Resources = append(r.Resources, res)
	}
}

func (r *reader) endHead() {
	if !r.headOver {
		r.headOver, r.Head = true, !r.full
	}
}

// room tells whether a list of so many may have another, and remembers if not.
func (r *reader) room(has int) bool {
	r.full = r.full || has >= maxItems
	return has < maxItems
}

// resolve gives an http or https address, or nil.
func (r *reader) resolve(ref string) *url.URL {
	if ref == "" {
		return nil
	}
	if len(ref) > 4<<10 {
		r.full = r.full || strings.HasPrefix(strings.ToLower(ref), "http") || strings.HasPrefix(ref, "//")
		return nil
	}
	u, err := r.base.Parse(ref)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil
	}
	return u
}

func cut(s string) string {
	if s = strings.ToValidUTF8(s, "?"); len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return s
}
