package roster

import (
	"strings"
	"unicode"
)

// bases are the letters of Vietnamese without their marks.
var bases = func() map[rune]rune {
	m := map[rune]rune{}
	for base, marked := range map[rune]string{
		'a': "àáảãạăằắẳẵặâầấẩẫậ", 'e': "èéẻẽẹêềếểễệ", 'i': "ìíỉĩị", 'o': "òóỏõọôồốổỗộơờớởỡợ",
		'u': "ùúủũụưừứửữự", 'y': "ỳýỷỹỵ", 'd': "đ",
	} {
		for _, r := range marked {
			m[r] = base
		}
	}
	return m
}()

// fold gives what is left of a text without case, diacritics (also as separate
// marks, as macOS writes them) and all but letters and digits, which keep gap
// between them.
func fold(s, gap string) string {
	var sb strings.Builder
	apart := false
	for _, r := range s {
		r = unicode.ToLower(r)
		if b, ok := bases[r]; ok {
			r = b
		}
		switch {
		case unicode.Is(unicode.Mn, r):
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if apart && sb.Len() > 0 {
				sb.WriteString(gap)
			}
			apart = false
			sb.WriteRune(r)
		default:
			apart = true
		}
	}
	return sb.String()
}

// short makes an id of a text, by the pattern that ids have.
func short(s string) string {
	s = fold(s, "-")
	return strings.TrimRight(s[:min(len(s), 60)], "-")
}

// placeID makes the id of an endpoint from its target alone, so that it stays
// when rows come and go. Web addresses lose their https://.
func placeID(target string) string {
	s := strings.TrimPrefix(strings.ToLower(target), "https://")
	var sb strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.':
			sb.WriteRune(r)
		case sb.Len() > 0 && !strings.HasSuffix(sb.String(), "-"):
			sb.WriteByte('-')
		}
	}
	s = sb.String()
	return strings.Trim(s[:min(len(s), 60)], "-.")
}
