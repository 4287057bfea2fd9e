package main

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/lang"
)

// helpWidth is the narrowest terminal that people still have.
const helpWidth = 80

// help makes the help of every command fit an 80 column terminal, and speak
// the user's language where cobra would speak English; and so do mistakes in
// the arguments.
func (a *app) help(root *cobra.Command) {
	each(root, func(c *cobra.Command) {
		c.InitDefaultHelpFlag()
		c.DisableFlagsInUseLine = true
		if wants := c.Args; wants != nil {
			c.Args = func(c *cobra.Command, args []string) error {
				err := wants(c, args)
				var told lang.Speaker
				if err == nil || errors.As(err, &told) {
					return err
				}
				return argMistake(c, args)
			}
		}
		if f := c.Flags().Lookup("help"); f != nil {
			f.Usage = a.t("hướng dẫn của lệnh này", "help for this command")
		}
	})
	plain := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		var b bytes.Buffer
		root.SetOut(&b)
		plain(c, args)
		root.SetOut(a.out)
		text := b.String()
		if a.lang == lang.Vi {
			text = strings.ReplaceAll(text, "(default ", "(mặc định ")
		}
		_, _ = io.WriteString(a.out, narrow(text))
	})
}

func each(c *cobra.Command, do func(*cobra.Command)) {
	do(c)
	for _, sub := range c.Commands() {
		each(sub, do)
	}
}

// narrow breaks what is wider than the terminal. Commands to copy stay whole.
func narrow(text string) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		lines := strings.Split(p, "\n")
		if !slices.ContainsFunc(lines, tooWide) {
			continue
		}
		if !strings.HasPrefix(p, " ") && !strings.Contains(p, "\n ") {
			lines = []string{strings.Join(lines, " ")}
		}
		var out []string
		for _, line := range lines {
			out = append(out, narrowLine(line)...)
		}
		paragraphs[i] = strings.Join(out, "\n")
	}
	return strings.Join(paragraphs, "\n\n")
}

func tooWide(line string) bool { return utf8.RuneCountInString(line) > helpWidth }

var (
	// toCopy is a line of usage or of an example.
	toCopy = regexp.MustCompile(`^ +sansang `)
	// entry is the first column of a list of flags or commands.
	entry = regexp.MustCompile(`^ +(?:(?:-\w, )?--[\w-]+(?: \w+)?|[\w-]+) +`)
)

func narrowLine(line string) []string {
	if !tooWide(line) || toCopy.MatchString(line) {
		return []string{line}
	}
	first := entry.FindString(line)
	hang := strings.Repeat(" ", len(first))
	out := wrap(line[len(first):], helpWidth-len(first))
	for i := range out {
		out[i] = hang + out[i]
	}
	out[0] = first + out[0][len(hang):]
	return out
}
