package main

import (
	"maps"
	"slices"
	"strings"

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
	return strings.ContainsAny(strings.ToLower(s), "ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ")
}
