package report

import (
	"strings"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// basis names the legal texts, with a mark on each whose wording is not sure.
func (v view) basis(res judge.Result) string {
	var out []string
	for _, b := range res.Basis {
		out = append(out, v.law(b))
	}
	if res.Legacy != "" {
		out = append(out, "TCVN 11930:2017 "+res.Legacy+v.in(lang.T(" (tiêu chuẩn cũ)", " (the former standard)")))
	}
	return strings.Join(out, "; ")
}

func (v view) law(b judge.Basis) string {
	s := Cite(b.Law, v.lang)
	if b.Article != "" {
		s += ", " + Cite(b.Article, v.lang)
	}
	if mark := v.in(b.Status.Mark()); mark != "" {
		s += " " + mark
	}
	return s
}
