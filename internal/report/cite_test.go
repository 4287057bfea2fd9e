package report

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/policies"
)

var numberOf = regexp.MustCompile(`\S*[/:]\S*|\d+(\.\d+)*[a-zđ](–[a-zđ])?`)

// TestCitationsInEnglish: nothing of a citation of the library is left in
// Vietnamese but the numbers of documents and the letters of points.
func TestCitationsInEnglish(t *testing.T) {
	lib, err := judge.ReadLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	for id, r := range lib.Requirements {
		for _, b := range r.Basis {
			said := view{valuer: valuer{lang: lang.En}}.law(b)
			if left := numberOf.ReplaceAllString(said, ""); strings.ContainsAny(strings.ToLower(left), "ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ") {
				t.Errorf("%s: %s", id, said)
			}
		}
	}
}
