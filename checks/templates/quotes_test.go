package templates_test

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestQuotes holds all templates over HTTP against a blog that quotes, on a
// page that it gives for every path, whatever the cases of all of them find.
func TestQuotes(t *testing.T) {
	if noWall != nil {
		t.Skip(noWall)
	}
	files, err := filepath.Glob("*/http_*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, escape := range map[string]func(string) string{
		"quotation marks too": html.EscapeString,
		"tags only":           strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace,
	} {
		t.Run(name, func(t *testing.T) {
			blog := answer("200 OK", quotes(t, files, escape))
			if found := everywhere(t, listen(t, overHTTP(func(*http.Request) []byte { return blog }))); len(found) > 0 {
				t.Errorf("a page that quotes them is taken for %q", found)
			}
		})
	}
}

// quotes is a page with what the cases of templates find, escaped.
func quotes(t *testing.T, files []string, escape func(string) string) string {
	t.Helper()
	var page strings.Builder
	page.WriteString("<!DOCTYPE html>\n<html lang=\"vi\"><head><title>Ghi chép về bảo mật</title></head><body><h1>Các dấu hiệu</h1>\n")
	for _, f := range files {
		archive, err := txtar.ParseFile(filepath.Join(casesFolder, strings.TrimSuffix(filepath.Base(f), ".yaml")+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		servers, err := readCases(archive)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range servers {
			for _, said := range s.pages {
				if head, body, _ := bytes.Cut(said, []byte("\r\n\r\n")); s.nature != "good" {
					fmt.Fprintf(&page, "<pre>\n%s\n\n%s\n</pre>\n", escape(string(head)), escape(string(body)))
				}
			}
		}
	}
	return page.String()
}
