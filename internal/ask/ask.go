package ask

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// Host is what the dialogue needs of the world.
type Host interface {
	// Look finds a document; its error tells a person what to do.
	Look(path string) (Paper, error)
	// Save keeps an answer at once, and says where.
	Save(Question, Answer) (lang.Text, error)
}

// Paper is a document that was found.
type Paper struct {
	Path   string
	Note   lang.Text // what to say of it; may be empty
	Signer string    // by a digital signature that holds; may be empty
	Signed time.Time
}

// Options say how to talk.
type Options struct {
	Lang  lang.Lang
	Width int            // columns
	Today inventory.Date // no document is issued after it
	Echo  bool           // write each answer after its prompt: the input is no terminal, which would
}

// Summary counts what came of the questions.
type Summary struct{ Asked, Answered, Skipped int }

// Open counts the questions that nobody looked at.
func (s Summary) Open() int { return s.Asked - s.Answered - s.Skipped }

// talk is a dialogue under way.
type talk struct {
	Options
	host   Host
	next   func() (string, bool)
	out    io.Writer
	issuer string // of the document before
	by     string // who attested last
}

// errEnd ends the dialogue: the person asked for it, or the input is over.
var errEnd = errors.New("the dialogue is over")

// errBack leaves what is being entered.
var errBack = errors.New("back to the question")

// Run asks each question until all are answered, skipped, or the person ends
// it. The end of the input ends it like that: what was answered is kept.
func Run(ctx context.Context, in io.Reader, out io.Writer, qs []Question, h Host, o Options) Summary {
	t := &talk{Options: o, host: h, next: lines(ctx, in), out: out}
	done := make([]string, len(qs)) // "answered", "skipped" or nothing yet
	for at := 0; at < len(qs); {
		step, err := t.question(qs, at, done)
		if err != nil {
			break
		}
		at += step
	}
	s := Summary{Asked: len(qs)}
	for _, d := range done {
		switch d {
		case answered:
			s.Answered++
		case skipped:
			s.Skipped++
		}
	}
	return s
}

const (
	answered = "answered"
	skipped  = "skipped"
)

// question shows one and hears what to do, until that leads to another.
func (t *talk) question(qs []Question, at int, done []string) (step int, err error) {
	q := qs[at]
	t.show(q, at+1, len(qs))
	prompt := menu
	if done[at] == answered {
		t.say(lang.T("Việc này đã được trả lời và ghi lại; muốn sửa thì mở tệp đơn vị.", "This was answered and kept; to change it, edit the unit file."))
		prompt = passing
	}
	for {
		line, err := t.ask(prompt)
		if err != nil {
			return 0, err
		}
		switch key := choice(t.Lang, line); {
		case key == "have" && done[at] != answered, key == "not" && done[at] != answered:
			enter := map[string]func(Question) error{"have": t.document, "not": t.notMet}[key]
			if err := enter(q); errors.Is(err, errBack) {
				continue
			} else if err != nil {
				return 0, err
			}
			done[at] = answered
			return 1, nil
		case key == "skip" || key == "have" || key == "not":
			if done[at] == "" {
				done[at] = skipped
			}
			return 1, nil
		case key == "explain":
			t.explain(q)
		case key == "back" && at == 0:
			t.say(lang.T("Đây là việc đầu tiên.", "This is the first one."))
		case key == "back":
			return -1, nil
		case key == "end":
			return 0, errEnd
		default:
			t.say(lang.T("Gõ một trong các chữ trong ngoặc vuông rồi nhấn Enter.", "Type one of the letters in brackets and press Enter."))
		}
	}
}

// The choices there are, of a question and of one that was answered.
var (
	menu = lang.T(`[c] có tài liệu   [k] chưa đạt   [b] bỏ qua
[?] giải thích    [l] quay lại   [t] thoát
Trả lời: `, `[y] have a document   [n] not met   [s] skip
[?] explain           [b] back      [q] quit
Answer: `)
	passing = lang.T(`[b] việc tiếp theo   [l] quay lại   [t] thoát
Trả lời: `, `[s] next   [b] back   [q] quit
Answer: `)
)

var keys = map[lang.Lang]map[string]string{
	lang.Vi: {"c": "have", "k": "not", "b": "skip", "?": "explain", "l": "back", "t": "end"},
	lang.En: {"y": "have", "n": "not", "s": "skip", "?": "explain", "b": "back", "q": "end"},
}

// choice reads a choice of the menu, with or without its brackets.
func choice(l lang.Lang, line string) string {
	return keys[l][strings.Trim(strings.ToLower(line), "[] ")]
}
