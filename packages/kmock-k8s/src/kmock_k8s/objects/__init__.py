"""Objects as tests see them: mappings with histories, which compare with patterns."""
