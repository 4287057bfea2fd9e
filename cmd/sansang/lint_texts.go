package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// textWarnings finds texts in two languages that look unfinished: the same in
// both, Vietnamese without its marks, or a word that stands for what is still
// to be written.
func textWarnings(doc *yamldoc.Document) yamldoc.Problems {
	var out yamldoc.Problems
	var walk func(v any, at []any)
	walk = func(v any, at []any) {
		switch v := v.(type) {
		case []any:
			for i, e := range v {
				walk(e, append(slices.Clone(at), i))
			}
		case map[string]any:
			vi, isVi := v["vi"].(string)
			en, isEn := v["en"].(string)
			if isVi && isEn {
				out = append(out, unfinished(doc, vi, en, at)...)
				return
			}
			for _, key := range slices.Sorted(maps.Keys(v)) {
				walk(v[key], append(slices.Clone(at), key))
			}
		}
	}
	walk(doc.Value, nil)
	return out
}

func unfinished(doc *yamldoc.Document, vi, en string, at []any) yamldoc.Problems {
	var out yamldoc.Problems
	say := func(field string, what, instead lang.Text) {
		out = append(out, doc.Problem(append(slices.Clone(at), field), what, instead))
	}
	for field, text := range map[string]string{"vi": vi, "en": en} {
		for _, mark := range []string{"TODO", "FIXME", "REPLACE", "XXX"} {
			if strings.Contains(text, mark) {
				say(field, lang.Tf("còn chữ %s", "%s is still there", mark), lang.T("viết nội dung thật", "write what belongs here"))
			}
		}
	}
	sentence := len(strings.Fields(vi)) > 2 // shorter ones may be names
	switch {
	case sentence && vi == en:
		say("vi", lang.T("tiếng Việt và tiếng Anh giống hệt nhau", "Vietnamese and English are the same"), lang.T("dịch một trong hai", "translate one of them"))
	case sentence && !marked(vi):
		say("vi", lang.T("câu tiếng Việt không có dấu", "the Vietnamese text has no diacritics"), lang.T("viết có dấu", "write it with diacritics"))
	}
	return out
}

// marked tells whether a text holds a letter that only Vietnamese has, or a
// vowel with a mark.
func marked(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Mn, r) }) || strings.ContainsAny(strings.ToLower(s), "ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ")
}

// policyWarnings finds texts of a policy and of the requirements beside it that
// were left as they are, and requirements that the cases beside it do not try.
func policyWarnings(path string, doc *yamldoc.Document) (yamldoc.Problems, error) {
	warnings := textWarnings(doc)
	dir := filepath.Dir(path)
	files, err := filepath.Glob(filepath.Join(dir, "requirements", "*.yaml"))
	if err != nil {
		return nil, err
	}
	tried, err := triedIn(filepath.Join(dir, "cases"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		rs, err := yamldoc.Parse(file, b)
		if err != nil {
			return nil, err
		}
		warnings = append(warnings, textWarnings(rs)...)
		list, _ := rs.Value.([]any)
		for i, v := range list {
			r, _ := v.(map[string]any)
			id, _ := r["id"].(string)
			for _, want := range []string{"pass", "fail"} {
				if tried != nil && !tried[id+" "+want] {
					warnings = append(warnings, rs.Problem([]any{i, "id"}, lang.Tf("%[1]s chưa có trường hợp thử «want: %[2]s» trong thư mục cases", "%[1]s has no case “want: %[2]s” in the folder cases", id, want),
						lang.Tf("viết thêm, rồi: sansang lint --test %s", "write one, then: sansang lint --test %s", path)))
				}
			}
		}
	}
	return warnings, nil
}

// triedIn lists what the cases of a folder want of which requirement; nil where
// there are none.
func triedIn(folder string) (map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		return nil, err
	}
	out := map[string]bool{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		doc, err := yamldoc.Parse(file, b)
		if err != nil {
			continue // told by lint --test
		}
		cases, _ := doc.Value.([]any)
		for _, v := range cases {
			c, _ := v.(map[string]any)
			out[fmt.Sprint(c["requirement"], " ", c["want"])] = true
		}
	}
	return out, nil
}
