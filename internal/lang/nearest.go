package lang

import "strings"

// Nearest gives the word that wrote is most likely meant to be: at most two
// edits away and less than half of it wrong; "" when there is none.
func Nearest(wrote string, exist []string) string {
	best, bound := "", min(2, (len([]rune(wrote))-1)/2)
	for _, w := range exist {
		if len(wrote) > 4*(len(w)+bound) { // of the letters of UTF-8; what others wrote may be long
			continue
		}
		if d := edits(strings.ToLower(wrote), strings.ToLower(w)); d <= bound {
			best, bound = w, d-1
		}
	}
	return best
}

// edits is the Levenshtein distance in runes.
func edits(a, b string) int {
	s, t := []rune(a), []rune(b)
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range s {
		last := row[0]
		row[0] = i + 1
		for j, q := range t {
			cost := 1
			if r == q {
				cost = 0
			}
			last, row[j+1] = row[j+1], min(last+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(t)]
}
