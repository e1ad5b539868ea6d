package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tuned/job"
	"tuned/plugins/host"
	"tuned/trainer/model"
	"tuned/words"
)

const pluginsHelp = `An architecture is a program that holds a model and steps it. Some are part of tuned; others are installed: an
executable, a .py file, a directory with a main.py or an executable main, or a Go package's directory. tuned keeps a private,
verified copy and starts it in a process of its own, which cannot take the run down with it.`

func newPlugins(s streams) *cobra.Command {
	c := &cobra.Command{
		Use: "plugins", Short: "Make, check, install, list and remove architectures", Long: pluginsHelp,
		Example: "  tuned plugins list\n  tuned plugins show mlp\n  tuned plugins new mynet --python\n  tuned plugins check ./mynet\n  tuned plugins install ./mynet\n  tuned plugins remove mynet",
		Args:    args(cobra.NoArgs),
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		newScaffold(s), newCheck(s),
		named(s, "list", "List the architectures that jobs can name", cobra.NoArgs, listArchitectures),
		named(s, "show NAME", "Say what an architecture learns, and list its settings", cobra.ExactArgs(1), showArchitecture),
		named(s, "install PATH", "Install an architecture, or a newer version of it", cobra.ExactArgs(1), installArchitecture),
		named(s, "remove NAME", "Remove an architecture that was installed", cobra.ExactArgs(1), removeArchitecture),
	)
	return c
}

// named makes a command that works on the catalog.
func named(
	s streams, use, short string, check cobra.PositionalArgs, do func(ctx context.Context, s streams, c *host.Catalog, given []string) error,
) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: args(check),
		RunE: func(c *cobra.Command, given []string) error {
			known, err := catalog()
			if err != nil {
				return err
			}
			return do(c.Context(), s, known, given)
		},
	}
}

func listArchitectures(ctx context.Context, s streams, c *host.Catalog, _ []string) error {
	entries, problems := c.List(ctx)
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, e := range entries {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", e.Name, e.Version, origin(e), e.Summary)
	}
	return errors.Join(w.Flush(), problems)
}

func origin(e host.Entry) string {
	if e.Builtin {
		return "built in"
	}
	return "installed"
}

func showArchitecture(ctx context.Context, s streams, c *host.Catalog, given []string) error {
	e, err := c.Show(ctx, given[0])
	if err != nil {
		return unknown(c, given[0], err)
	}
	fmt.Fprintf(s.out, "%s %s (%s): %s\n", e.Name, e.Version, origin(e), e.Summary)
	fmt.Fprintf(s.out, "It learns %s, from %s columns.\n", list(e.Tasks), list(e.Inputs))
	if !e.Builtin {
		fmt.Fprintf(s.out, "It was installed from %s; sha256 %s.\n", e.Source, e.SHA256)
	}
	if len(e.Settings) == 0 {
		return nil
	}
	fmt.Fprintln(s.out, "\nIts settings, which rules decide:")
	for _, setting := range e.Settings {
		fmt.Fprintf(s.out, "\n  %s (%s)\n    %s\n", setting.Name, domain(setting), words.Wrap(setting.Help, 4))
	}
	return nil
}

// unknown adds the names that there are to an error about one that there is not.
func unknown(c *host.Catalog, name string, err error) error {
	if !errors.Is(err, host.ErrUnknown) {
		return err
	}
	return &job.Error{Problem: fmt.Sprintf("no architecture is called %q", name), Hint: "there are " + strings.Join(c.Names(), ", ")}
}

// list writes a list in words: "classification and regression".
func list[T ~string](items []T) string {
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = string(item)
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// domain is what a setting can be.
func domain(s model.Setting) string {
	switch {
	case len(s.Choices) > 0:
		return strings.Join(s.Choices, ", ")
	case s.Min == 0 && s.Max == 0:
		return string(s.Type)
	}
	return strings.TrimSpace(fmt.Sprintf("%g to %g %s", s.Min, s.Max, s.Unit))
}

func installArchitecture(ctx context.Context, s streams, c *host.Catalog, given []string) error {
	if err := providePython(c); err != nil {
		return err
	}
	e, err := c.Install(ctx, given[0])
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &job.Error{Path: given[0], Problem: "there is nothing to install", Hint: "name an executable, a .py file, or a directory"}
	case errors.Is(err, host.ErrBuiltIn):
		return &job.Error{Path: given[0], Problem: "its manifest has the name of an architecture that is part of tuned", Hint: "give it another name; taken are " + strings.Join(c.Names(), ", ")}
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(s.out, "installed %s %s: %s\na job names it under [model]: architecture = %q\n", e.Name, e.Version, e.Summary, e.Name)
	return err
}

func removeArchitecture(_ context.Context, s streams, c *host.Catalog, given []string) error {
	err := c.Remove(given[0])
	if errors.Is(err, host.ErrBuiltIn) {
		return &job.Error{Problem: fmt.Sprintf("%s is part of tuned and cannot be removed", given[0]), Hint: "tuned plugins list tells which were installed"}
	}
	if err != nil {
		return unknown(c, given[0], err)
	}
	_, err = fmt.Fprintf(s.out, "removed %s\n", given[0])
	return err
}
