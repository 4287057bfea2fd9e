package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/internal/store"
)

// The exit codes, the same whatever the output format.
const (
	exitReady        = 0 // the unit is ready, or the command did what it was asked
	exitNotReady     = 1 // the unit is not ready
	exitBadInput     = 2 // something the user can mend: a file, a flag, a full disk
	exitUndetermined = 3 // not enough was seen to tell
	exitDefect       = 4 // our own defect
)

// app is what the commands have in common.
type app struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	lang     lang.Lang
	log      zerolog.Logger
	quiet    bool
}

// verdict is the "error" by which a command ends with a unit's verdict.
type verdict judge.UnitVerdict

func (v verdict) Error() string { return judge.UnitVerdict(v).String() }

func (v verdict) code() int {
	switch judge.UnitVerdict(v) {
	case judge.Ready:
		return exitReady
	case judge.NotReady:
		return exitNotReady
	case judge.Undetermined:
		return exitUndetermined
	}
	return exitUndetermined
}

// fault is a mistake of the user's, told in one sentence.
type fault struct{ lang.Text }

func (f fault) Error() string { return f.En }

func faultf(vi, en string, args ...any) error { return fault{lang.Tf(vi, en, args...)} }

// defect is something that only a fault of ours can bring about.
type defect struct{ error }

// run is the whole program but for the process: what it is given, what it
// writes, and the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errw io.Writer, getenv func(string) string) (code int) {
	a := &app{in: in, out: out, err: errw, getenv: getenv, log: zerolog.Nop(), lang: lang.Vi}
	defer func() {
		if r := recover(); r != nil {
			a.say(lang.Tf("lỗi của chính công cụ: %v\n%s", "a defect of the tool itself: %v\n%s", r, debug.Stack()))
			code = exitDefect
		}
	}()
	l, err := lang.Choose(flagIn(args, "--lang"), getenv)
	if err != nil {
		a.say(lang.Tf("%v (viết vi hoặc en)", "%v", err))
		return exitBadInput
	}
	a.lang = l
	root := a.root()
	root.SetArgs(args)
	return a.end(root.ExecuteContext(ctx))
}

// end turns the outcome of a command into words and an exit code.
func (a *app) end(err error) int {
	var v verdict
	var ours defect
	var speaker lang.Speaker
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &v):
		return v.code()
	case errors.As(err, &ours):
		a.say(lang.Tf("lỗi của chính công cụ: %v", "a defect of the tool itself: %v", err))
		return exitDefect
	case errors.As(err, &speaker):
		a.say(lang.T(speaker.In(lang.Vi), speaker.In(lang.En)))
	case store.Full(err):
		a.say(lang.Tf("ổ đĩa đã đầy, không ghi tiếp được kết quả (%v); giải phóng dung lượng rồi chạy lại", "the disk is full, results can no longer be kept (%v); free some space and run again", err))
	case errors.As(err, &path):
		a.say(cannotOpen(path))
	case errors.As(err, &link):
		a.say(cannotOpen(&fs.PathError{Path: link.New, Err: link.Err}))
	case errors.Is(err, context.Canceled):
		a.say(lang.T("đã dừng theo yêu cầu", "stopped as asked"))
		return exitUndetermined
	default:
		a.say(lang.Tf("%v", "%v", err))
	}
	return exitBadInput
}

func (a *app) say(t lang.Text) { _, _ = fmt.Fprintln(a.err, "sansang: "+report.Lines(t.In(a.lang))) }

func (a *app) print(vi, en string, args ...any) {
	_, _ = fmt.Fprintln(a.out, report.Lines(lang.Tf(vi, en, args...).In(a.lang)))
}

// t gives a text in the user's language.
func (a *app) t(vi, en string) string { return lang.T(vi, en).In(a.lang) }

// flagIn finds a flag's value before the flags are parsed: the language is
// needed to describe them.
func flagIn(args []string, name string) string {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if v, ok := strings.CutPrefix(arg, name+"="); ok {
			return v
		}
		if arg == name && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

// terminal tells whether a stream is a terminal, and may be coloured.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// colour follows https://no-color.org and leaves dumb terminals alone.
func (a *app) colour() bool {
	return terminal(a.out) && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"
}

func (a *app) root() *cobra.Command {
	var level, format string
	root := &cobra.Command{
		Use: "sansang",
		Short: a.t("Kiểm tra đơn vị đã sẵn sàng kết nối CSDL quốc gia về dân cư hay chưa",
			"Tells whether a unit is ready to connect to the national population database"),
		Long: a.t(`sansang (sẵn sàng) xem xét các điểm kết nối của một đơn vị, đối chiếu với yêu cầu
an ninh mạng để kết nối Cơ sở dữ liệu quốc gia về dân cư, và cho biết: sẵn sàng,
chưa đạt, hay chưa đủ căn cứ – kèm lý do, căn cứ pháp lý và cách khắc phục.

Bắt đầu:  sansang demo                     xem thử trên máy này
          sansang new unit don-vi.yaml     tạo tệp khai báo đơn vị
          sansang lint don-vi.yaml         kiểm tra tệp khai báo
          sansang ask don-vi.yaml          hỏi và khai tài liệu chứng minh
          sansang scan don-vi.yaml         rà quét và đánh giá
          sansang batch danh-sach.csv      rà quét cả danh sách đơn vị

Mã thoát: 0 sẵn sàng · 1 chưa đạt · 2 đầu vào sai · 3 chưa đủ căn cứ · 4 lỗi công cụ`,
			`sansang ("ready") looks at a unit's endpoints, compares them with what is
required to connect to Vietnam's national population database, and says: ready,
not ready, or undetermined – with every reason, the law, and how to fix it.

Begin:    sansang demo                     try it on this machine
          sansang new unit unit.yaml       write a unit file
          sansang lint unit.yaml           check the unit file
          sansang ask unit.yaml            ask for documents and declare them
          sansang scan unit.yaml           scan and judge
          sansang batch list.csv           scan and judge a whole list of units

Exit codes: 0 ready · 1 not ready · 2 bad input · 3 undetermined · 4 our defect`),
		SilenceErrors: true, SilenceUsage: true,
		Args:              cobra.NoArgs,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.logger(level, format) },
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	f := root.PersistentFlags()
	f.String("lang", "", a.t("ngôn ngữ: vi hoặc en (mặc định theo môi trường, rồi tiếng Việt)", "language: vi or en (default: the environment, then Vietnamese)"))
	f.BoolVarP(&a.quiet, "quiet", "q", false, a.t("không hiện tiến độ", "show no progress"))
	f.StringVar(&level, "log-level", "warn", a.t("mức nhật ký: debug, info, warn, error, off", "log level: debug, info, warn, error, off"))
	f.StringVar(&format, "log-format", "text", a.t("dạng nhật ký: text hoặc json", "log format: text or json"))
	root.SetUsageTemplate(a.usage(root.UsageTemplate()))
	root.SetFlagErrorFunc(flagMistake)
	root.AddCommand(
		a.scan(),
		a.batch(),
		a.worker(),
		a.runs(),
		a.schedule(),
		a.merge(),
		a.importing(),
		a.judge(),
		a.diff(),
		a.plan(),
		a.report(),
		a.explain(),
		a.lint(),
		a.evidence(),
		a.pack(),
		a.unpack(),
		a.db(),
		a.ask(),
		a.rollup(),
		a.list(),
		a.new(),
		a.demo(),
		a.lab(),
		a.version(),
	)
	if a.lang == lang.Vi {
		root.InitDefaultHelpCmd()
		root.InitDefaultCompletionCmd()
		for _, c := range root.Commands() {
			switch c.Name() {
			case "help":
				c.Short = "Xem hướng dẫn của một lệnh"
			case "completion":
				c.Short = "Tạo tệp tự hoàn thành lệnh cho bash, zsh, fish, PowerShell"
			}
		}
	}
	a.help(root)
	return root
}

// usage puts cobra's own headings into Vietnamese.
func (a *app) usage(template string) string {
	if a.lang != lang.Vi {
		return strings.ReplaceAll(template, "{{.UseLine}}", "{{.UseLine}} [flags]")
	}
	return strings.NewReplacer("Usage:", "Cách dùng:", "{{.UseLine}}", "{{.UseLine}} [tùy chọn]", "{{.CommandPath}} [command]{{end}}", "{{.CommandPath}} [lệnh]{{end}}", "Aliases:", "Tên khác:", "Examples:", "Ví dụ:",
		"Available Commands:", "Các lệnh:", "Global Flags:", "Tùy chọn chung:", "Flags:", "Tùy chọn:",
		"Additional help topics:", "Chủ đề khác:", "Additional Commands:", "Lệnh khác:",
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`,
		`Gõ "{{.CommandPath}} [lệnh] --help" để xem thêm về một lệnh.`).Replace(template)
}

// logger builds the log, on stderr only: stdout is the report.
func (a *app) logger(level, format string) error {
	if level == "off" {
		level = "disabled"
	}
	l, err := zerolog.ParseLevel(level)
	if err != nil || level == "" {
		return faultf("mức nhật ký %q không có; viết debug, info, warn, error hoặc off", "there is no log level %q; write debug, info, warn, error or off", level)
	}
	w := a.err
	switch format {
	case "json":
	case "text":
		w = zerolog.ConsoleWriter{Out: a.err, NoColor: !terminal(a.err) || a.getenv("NO_COLOR") != "", TimeFormat: "15:04:05"}
	default:
		return faultf("dạng nhật ký %q không có; viết text hoặc json", "there is no log format %q; write text or json", format)
	}
	a.log = zerolog.New(w).Level(l).With().Timestamp().Logger()
	return nil
}
