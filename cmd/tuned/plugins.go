package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tuned/trainer/model"
)

func newPlugins(s streams) *cobra.Command {
	c := &cobra.Command{
		Use: "plugins", Short: "List and describe architectures",
		Example: "  tuned plugins list\n  tuned plugins show mlp",
		Args:    args(cobra.NoArgs),
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List the architectures that jobs can name", Args: args(cobra.NoArgs),
			RunE: func(c *cobra.Command, _ []string) error { return listArchitectures(c.Context(), s) },
		},
		&cobra.Command{
			Use: "show NAME", Short: "Say what an architecture learns, and list its settings", Args: args(cobra.ExactArgs(1)),
			RunE: func(c *cobra.Command, given []string) error { return showArchitecture(c.Context(), s, given[0]) },
		},
	)
	return c
}

// manifest starts an architecture and asks it what it is.
func manifest(ctx context.Context, name string) (model.Manifest, error) {
	p, err := architectures().Start(ctx, name, 0)
	if err != nil {
		return model.Manifest{}, err
	}
	defer p.Close()
	return p.Describe(ctx)
}

func listArchitectures(ctx context.Context, s streams) error {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, name := range architectures().Names() {
		m, err := manifest(ctx, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", m.Name, m.Version, m.Summary)
	}
	return w.Flush()
}

func showArchitecture(ctx context.Context, s streams, name string) error {
	m, err := manifest(ctx, name)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s %s: %s\nlearns %v from %v columns\n\nsettings\n", m.Name, m.Version, m.Summary, m.Tasks, m.Inputs)
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, setting := range m.Settings {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", setting.Name, domain(setting), setting.Help)
	}
	return w.Flush()
}

// domain is what a setting can be.
func domain(s model.Setting) string {
	switch {
	case len(s.Choices) > 0:
		return fmt.Sprint(s.Choices)
	case s.Min == 0 && s.Max == 0:
		return string(s.Type)
	}
	return fmt.Sprintf("%g … %g %s", s.Min, s.Max, s.Unit)
}
