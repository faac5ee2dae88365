"""Views, one module a topic. Each calls queries or verbs and chooses a template; none holds a rule."""
