import { ActionIcon, Burger, Kbd, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBook2, IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { NavLink, Outlet, useLocation, useNavigation } from "react-router";
import { InUse } from "@/editing/InUse";
import { ColourScheme } from "./ColourScheme";
import { Logo } from "./Logo";
import { Lost } from "./Lost";
import { LazyPalette, openPalette } from "./palette";
import classes from "./Shell.module.css";
import { SECTIONS } from "./sections";
import { Version } from "./Version";

const SEARCH_KEY = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘ K" : "Ctrl K";

const NarrowMenu = lazy(() => import("./NarrowMenu"));

export function Shell() {
  const [menu, { open, close }] = useDisclosure(false);
  // Once opened it stays, so that it closes gently and gives the focus back.
  const [asked, setAsked] = useState(false);
  if (menu && !asked) setAsked(true);
  const { pathname } = useLocation();
  const loading = useNavigation().state === "loading";

  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the page changes
  useEffect(close, [pathname]);

  return (
    <div className={classes.shell}>
      <a href="#main" className={classes.skip}>
        Skip to content
      </a>
      <aside className={classes.side}>
        <Brand />
        <SearchButton />
        <Navigation />
        <Footer />
      </aside>
      <header className={classes.bar}>
        <Burger opened={menu} onClick={open} size="sm" aria-label="Open the menu" />
        <Brand />
        <ActionIcon variant="subtle" size="lg" onClick={openPalette} aria-label="Search">
          <IconSearch size={19} stroke={1.7} />
        </ActionIcon>
      </header>
      {asked && (
        <Suspense>
          <NarrowMenu opened={menu} onClose={close} title={<Brand />}>
            <Navigation />
            <Footer />
          </NarrowMenu>
        </Suspense>
      )}
      <main id="main" className={classes.main} tabIndex={-1} aria-busy={loading}>
        <div className={classes.progress} data-loading={loading || undefined} />
        <Lost />
        <Suspense>
          <Outlet />
        </Suspense>
      </main>
      <LazyPalette />
      <InUse />
    </div>
  );
}

function Brand() {
  return (
    <NavLink to="/" className={classes.brand}>
      <Logo />
      Recsmith
    </NavLink>
  );
}

function SearchButton() {
  return (
    <UnstyledButton className={classes.search} onClick={openPalette}>
      <IconSearch size={16} stroke={1.7} aria-hidden="true" />
      <span>Search</span>
      <Kbd size="xs">{SEARCH_KEY}</Kbd>
    </UnstyledButton>
  );
}

function Navigation() {
  return (
    <nav aria-label="Sections" className={classes.nav}>
      {SECTIONS.map(({ path, label, icon: Icon }) => (
        <NavLink key={path} to={path} className={classes.link}>
          <Icon size={18} stroke={1.6} aria-hidden="true" />
          {label}
        </NavLink>
      ))}
    </nav>
  );
}

function Footer() {
  return (
    <div className={classes.footer}>
      <ColourScheme />
      <Version />
      <ActionIcon
        component="a"
        href="/api/docs"
        variant="subtle"
        color="gray"
        title="API documentation"
        aria-label="API documentation"
      >
        <IconBook2 size={18} stroke={1.6} />
      </ActionIcon>
    </div>
  );
}
